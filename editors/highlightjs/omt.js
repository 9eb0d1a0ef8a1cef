// The language `omt` for highlight.js (https://highlightjs.org), version 11. Load it after highlight.js, or
// `hljs.registerLanguage("omt", require("./omt.js"))`.
//
// Where a word is a keyword is told from what stands around it: behind a dot it is a field, and in front of a dot or
// of `=` a name. The lines between BEGIN and END come from the table of words of omtc: see docs/editors.md.
(function (root) {
  const asWord = (words) => RegExp(`(?<![\\w.])(?:${words})\\b(?!\\s*(?:=(?!=)|\\.(?!\\.)))`);

  function omt(hljs) {
    return {
      name: "Omerta protocol",
      aliases: ["omerta"],
      contains: [
        { scope: "comment", begin: /##/, end: /$/, contains: [{ scope: "doctag", begin: /\b(?:TODO|NOTE)\b/ }] },
        hljs.HASH_COMMENT_MODE,
        { scope: "string", begin: /"/, end: /"|$/ },
        { scope: "string", match: /(?<=\b(?:imports|uses)\s+)[\w./]+/ },
        {
          // BEGIN generated regex(unit): match: [/\b\d+(?:\.\d+)?/, /\s+/, /(?:@)\b(?!\s*(?:=(?!=)|->|\[))/],
          match: [/\b\d+(?:\.\d+)?/, /\s+/, /(?:days|hours|microseconds|milliseconds|minutes|seconds)\b(?!\s*(?:=(?!=)|->|\[))/],
          // END generated
          scope: { 1: "number", 3: "built_in" },
        },
        { scope: "number", match: /\b\d+(?:\.\d+)?\b/ },
        {
          scope: "title.class",
          variants: [
            { match: /(?<=\b(?:actor|message|block|struct|enum|view|from)\s+)(?!\[)[A-Za-z_]\w*/ },
            { match: /(?<=\bon\s+)[A-Z]\w*/ },
            { match: /\b[A-Za-z_]\w*(?=\s*\{)/ },
          ],
        },
        {
          // Behind the name of a field, behind `->`, and between `<` and `>`.
          // BEGIN generated regex(type): match: /\b(?<!\b(?:native|store|let|lookup|on|by|in|when|expect|return)\s+)(?:(?<=->\s*|<|\w[ \t]+)|(?=\w+\??>))(?:@)\b(?!\(|\s*[.=])/,
          match: /\b(?<!\b(?:native|store|let|lookup|on|by|in|when|expect|return)\s+)(?:(?<=->\s*|<|\w[ \t]+)|(?=\w+\??>))(?:ChainState|any|block|bool|bytes|chain|dict|duration|equivocation|float|function|hash|int|list|map|peer_id|rng|secret|segment|signature|signed|string|timestamp|uint)\b(?!\(|\s*[.=])/,
          // END generated
          scope: "type",
        },
        {
          // BEGIN generated regex(constant): match: asWord("@"),
          match: asWord("[fF][aA][lL][sS][eE]|[nN][uU][lL][lL]|[tT][rR][uU][eE]"),
          // END generated
          scope: "literal",
        },
        {
          // BEGIN generated regex(keyword, effect, control, operator): match: asWord("@"),
          match: asWord("ABORT|APPEND|BROADCAST|SEND|START|STORE|actor|after|always|[aA][nN][dD]|any|as|at|auto|block|by|byzantine|cast|collect|crash|defer|delay|drop|duplicate|[eE][lL][sS][eE]|enum|eventually|every|expect|[fF][oO][rR]|from|function|heal|[iI][fF]|ignore|imports|[iI][nN]|initial|into|leads|let|lookup|message|native|never|[nN][oO][tT]|nth|on|[oO][rR]|parameters|partition|peers|property|rest|restart|[rR][eE][tT][uU][rR][nN]|scenario|sequence|session|shared|signed|sometimes|state|store|struct|task|terminal|[tT][hH][eE][nN]|timeout|times|to|transaction|trigger|uses|view|when|within"),
          // END generated
          scope: "keyword",
        },
        {
          // BEGIN generated regex(function): match: /\b(?:@)(?=\s*\()/,
          match: /\b(?:ABS|ALL|ANY|CHAIN_CONTAINS_HASH|CHAIN_HEIGHT|CHAIN_SEGMENT|CHAIN_STATE_AT|CLAMP|CONCAT|COUNT|DAY|EQUIVOCATION|FILTER|FIND|GENERATE_ID|GET|HASH|HAS_KEY|KEYS|LAST_PEER_HASH|LENGTH|LOAD|MAP|MAX|MIN|NOW|RANDOM_BYTES|READ|REDUCE|REVEAL|SECONDS|SEEDED_RNG|SEEDED_SAMPLE|SEEDED_SHUFFLE|SIGN|SORT|SORT_BY|SUM|TO_STRING|UNIQUE|VALUES|VERIFY_CHAIN_SEGMENT|VERIFY_MULTI|VERIFY_SIG|VIEW|WITH|WITHOUT)(?=\s*\()/,
          // END generated
          scope: "built_in",
        },
        { scope: "title.function", match: /\b[A-Za-z_]\w*(?=\()/ },
        {
          // BEGIN generated regex(value): match: /(?<!\.)\b(?:@)\b/,
          match: /(?<!\.)\b(?:chain|message|network|peer_id|result)\b/,
          // END generated
          scope: "variable.language",
        },
        { scope: "property", match: /(?<=(?<!\.)\.)[A-Za-z_]\w*/ },
        { scope: "variable.constant", match: /\b[A-Z][A-Z0-9_]*\b/ },
        { scope: "operator", match: /->|=>|[=!<>]=|\.{3}|\/\/|[-+*/%<>=?]/ },
        { scope: "punctuation", match: /[()[\]{},.]/ },
      ],
    };
  }

  if (typeof module !== "undefined" && module.exports) module.exports = omt;
  else root.hljs.registerLanguage("omt", omt);
})(globalThis);
