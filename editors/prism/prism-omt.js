// The language `omt` for Prism (https://prismjs.com), version 1. Load it after Prism; it needs no other language.
//
// Where a word is a keyword is told from what stands around it: behind a dot it is a field, and in front of a dot or
// of `=` a name. The lines between BEGIN and END come from the table of words of omtc: see docs/editors.md.
(function (root) {
  const asWord = (words) => RegExp(`(?<![\\w.])(?:${words})\\b(?!\\s*(?:=(?!=)|\\.(?!\\.)))`);

  function omt(Prism) {
    Prism.languages.omt = {
      "doc-comment": { pattern: /##.*/, greedy: true, alias: "comment" },
      comment: { pattern: /#.*/, greedy: true },
      string: { pattern: /"[^"\r\n]*"/, greedy: true },
      path: { pattern: /(?<=\b(?:imports|uses)\s+)[\w./]+/, alias: "string" },
      quantity: {
        // BEGIN generated regex(unit): pattern: /\b\d+(?:\.\d+)?\s+(?:@)\b(?!\s*(?:=(?!=)|->|\[))/,
        pattern: /\b\d+(?:\.\d+)?\s+(?:days|hours|microseconds|milliseconds|minutes|seconds)\b(?!\s*(?:=(?!=)|->|\[))/,
        // END generated
        inside: { number: /\d+(?:\.\d+)?/, unit: { pattern: /[a-z]+/, alias: "builtin" } },
      },
      number: /\b\d+(?:\.\d+)?\b/,
      "class-name": [
        /(?<=\b(?:actor|message|block|struct|enum|view|from)\s+)(?!\[)[A-Za-z_]\w*/,
        /(?<=\bon\s+)[A-Z]\w*/,
        /\b[A-Za-z_]\w*(?=\s*\{)/,
      ],
      type: {
        // Behind the name of a field, behind `->`, and between `<` and `>`.
        // BEGIN generated regex(type): pattern: /\b(?<!\b(?:native|store|let|lookup|on|by|in|when|expect|return)\s+)(?:(?<=->\s*|<|\w[ \t]+)|(?=\w+\??>))(?:@)\b(?!\(|\s*[.=])/,
        pattern: /\b(?<!\b(?:native|store|let|lookup|on|by|in|when|expect|return)\s+)(?:(?<=->\s*|<|\w[ \t]+)|(?=\w+\??>))(?:ChainState|any|block|bool|bytes|chain|dict|duration|equivocation|float|function|hash|int|list|map|peer_id|rng|secret|segment|signature|signed|string|timestamp|uint)\b(?!\(|\s*[.=])/,
        // END generated
        alias: "builtin",
      },
      // BEGIN generated regex(constant): boolean: asWord("@"),
      boolean: asWord("[fF][aA][lL][sS][eE]|[nN][uU][lL][lL]|[tT][rR][uU][eE]"),
      // END generated
      // BEGIN generated regex(keyword, effect, control, operator): keyword: asWord("@"),
      keyword: asWord("ABORT|APPEND|BROADCAST|SEND|START|STORE|actor|after|always|[aA][nN][dD]|any|as|at|auto|block|by|byzantine|cast|collect|crash|defer|delay|drop|duplicate|[eE][lL][sS][eE]|enum|eventually|every|expect|[fF][oO][rR]|from|function|heal|[iI][fF]|ignore|imports|[iI][nN]|initial|into|leads|let|lookup|message|native|never|[nN][oO][tT]|nth|on|[oO][rR]|parameters|partition|peers|property|rest|restart|[rR][eE][tT][uU][rR][nN]|scenario|sequence|session|shared|signed|sometimes|state|store|struct|task|terminal|[tT][hH][eE][nN]|timeout|times|to|transaction|trigger|uses|view|when|within"),
      // END generated
      // BEGIN generated regex(function): builtin: /\b(?:@)(?=\s*\()/,
      builtin: /\b(?:ABS|ALL|ANY|CHAIN_CONTAINS_HASH|CHAIN_HEIGHT|CHAIN_SEGMENT|CHAIN_STATE_AT|CLAMP|CONCAT|COUNT|DAY|EQUIVOCATION|FILTER|FIND|GENERATE_ID|GET|HASH|HAS_KEY|KEYS|LAST_PEER_HASH|LENGTH|LOAD|MAP|MAX|MIN|NOW|RANDOM_BYTES|READ|REDUCE|REVEAL|SECONDS|SEEDED_RNG|SEEDED_SAMPLE|SEEDED_SHUFFLE|SIGN|SORT|SORT_BY|SUM|TO_STRING|UNIQUE|VALUES|VERIFY_CHAIN_SEGMENT|VERIFY_MULTI|VERIFY_SIG|VIEW|WITH|WITHOUT)(?=\s*\()/,
      // END generated
      function: /\b[A-Za-z_]\w*(?=\()/,
      // BEGIN generated regex(value): variable: /(?<!\.)\b(?:@)\b/,
      variable: /(?<!\.)\b(?:chain|message|network|peer_id|result)\b/,
      // END generated
      property: /(?<=(?<!\.)\.)[A-Za-z_]\w*/,
      constant: /\b[A-Z][A-Z0-9_]*\b/,
      operator: /->|=>|[=!<>]=|\.{3}|\/\/|[-+*/%<>=?]/,
      punctuation: /[()[\]{},.]/,
    };
  }

  if (typeof module !== "undefined" && module.exports) module.exports = omt;
  else omt(root.Prism);
})(globalThis);
