/**
 * The grammar of `.omt`, as editors see it.
 *
 * The reference is `docs/language/` and the parser in `omtc/src/syntax`. This grammar reads what that parser reads; where the
 * two must look ahead to tell a call from a block, this one follows both readings and keeps the one that goes on (`conflicts`
 * below). It is a little more generous in places where only a compiler has to say no.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const PREC = {
  or: 1,
  and: 2,
  not: 3,
  sum: 4,
  product: 5,
  minus: 6,
  postfix: 7,
};

/** A word in any case: RETURN, return, Return. */
const anyCase = (word) =>
  alias(
    token(new RegExp(word.replace(/[a-z]/g, (c) => `[${c}${c.toUpperCase()}]`))),
    word,
  );

/** One or more, separated by commas, none at the end: `x%` outside of brackets. */
const commas = (rule) => seq(rule, repeat(seq(',', rule)));

/** None or more, separated by commas, one at the end accepted: inside of the brackets of expressions. */
const list = (rule) => optional(seq(commas(rule), optional(',')));

/** Words that begin or end an item of an actor, and are names of states when `->` or `,` follows. */
const ITEM_WORDS = [
  'store',
  'shared',
  'peers',
  'trigger',
  'state',
  'ignore',
  'defer',
  'collect',
  'initial',
  'terminal',
  'rest',
];

/** Words that begin an action, and are names when `=` or `[` follows. */
const ACTION_WORDS = [
  'store',
  'lookup',
  'let',
  'STORE',
  'SEND',
  'BROADCAST',
  'APPEND',
  'START',
  'ABORT',
];

const UNITS = ['microseconds', 'milliseconds', 'seconds', 'minutes', 'hours', 'days'];

module.exports = grammar({
  name: 'omt',

  extras: ($) => [/[ \t\r\n\x0B\x0C]/, $.comment, $.doc_comment],

  word: ($) => $.identifier,

  supertypes: ($) => [$._declaration, $._item, $._action, $._statement, $._step],

  inline: ($) => [$._target, $._source, $._statement_target, $._open, $._variable],

  conflicts: ($) => [
    // `when a (…)`: a call, or a guard and its block.
    [$._operand, $.call],
    // `TTL = 5 seconds` newline `NEXT = 6`: a unit, or the next parameter.
    [$._setting],
    // `x = 30` newline `seconds = 5`: a unit, or the next target.
    [$._operand, $.quantity],
    // `state A rest` newline `rest -> B`: a flag, or the next transition.
    [$.state],
    // `on timeout (`: a time limit, or a message called so and its block.
    [$.on, $.timeout],
    [$.on, $.every],
  ],

  rules: {
    source_file: ($) => repeat($._declaration),

    _declaration: ($) =>
      choice(
        $.transaction_declaration,
        $.imports_declaration,
        $.uses_declaration,
        $.parameters_declaration,
        $.enum_declaration,
        $.struct_declaration,
        $.message_declaration,
        $.block_declaration,
        $.view_declaration,
        $.actor_declaration,
        $.function_declaration,
        $.native_function_declaration,
        $.native_task_declaration,
        $.property_declaration,
        $.scenario_declaration,
      ),

    // -- Declarations ------------------------------------------------------------------------------------------

    transaction_declaration: ($) =>
      seq(
        'transaction',
        field('number', choice($._signed_number, $.identifier)),
        field('title', $.string),
        optional(field('description', $.string)),
        optional(seq('session', field('session', $.identifier))),
      ),

    imports_declaration: ($) => seq('imports', field('path', $.path)),

    uses_declaration: ($) =>
      seq('uses', field('path', $.path), 'as', field('name', $.identifier)),

    path: ($) => seq($._segment, repeat(seq('/', $._segment))),

    _segment: (_) => token(/[A-Za-z0-9_]+(\.[0-9]+[A-Za-z0-9_]*)*/),

    parameters_declaration: ($) =>
      seq('parameters', '(', repeat($.parameter), ')'),

    parameter: ($) => seq($._setting, optional(field('text', $.string))),

    _setting: ($) =>
      seq(
        field('name', $.identifier),
        '=',
        field('value', choice($._signed_number, $.identifier)),
        optional(field('unit', alias($.identifier, $.unit))),
      ),

    enum_declaration: ($) =>
      seq(
        'enum',
        field('name', $.identifier),
        optional(field('text', $.string)),
        '(',
        repeat($.enum_value),
        ')',
      ),

    enum_value: ($) => field('name', $.identifier),

    struct_declaration: ($) =>
      seq(
        'struct',
        field('name', $.identifier),
        optional(field('text', $.string)),
        field('fields', $.fields),
      ),

    message_declaration: ($) =>
      seq(
        'message',
        field('name', $.identifier),
        'from',
        field('from', choice($.identifier, $.names)),
        'to',
        field('to', $.names),
        optional('signed'),
        field('fields', $.fields),
      ),

    block_declaration: ($) =>
      seq(
        'block',
        field('name', $.identifier),
        'by',
        field('by', $.names),
        field('fields', $.fields),
      ),

    fields: ($) => seq('(', repeat($.field), ')'),

    field: ($) => seq(field('name', $.identifier), field('type', $.type)),

    type: ($) =>
      seq(
        field('name', $.identifier),
        optional(field('arguments', $.type_arguments)),
        optional('?'),
      ),

    type_arguments: ($) => seq('<', commas($.type), '>'),

    names: ($) => seq('[', commas($.identifier), ']'),

    view_declaration: ($) =>
      seq(
        'view',
        field('name', $.identifier),
        optional(field('text', $.string)),
        '(',
        repeat(choice($.field, alias($.field_called_on, $.field), $.fold)),
        ')',
      ),

    field_called_on: ($) =>
      seq(field('name', alias('on', $.identifier)), field('type', $.type)),

    fold: ($) =>
      seq(
        'on',
        field('block', $.identifier),
        optional($.guard),
        field('actions', $.actions),
      ),

    function_declaration: ($) =>
      seq(
        'function',
        field('name', $.identifier),
        field('parameters', $.function_parameters),
        '->',
        field('result', $.type),
        field('body', $.statements),
      ),

    native_function_declaration: ($) =>
      seq('native', 'function', $._native_signature),

    native_task_declaration: ($) => seq('native', 'task', $._native_signature),

    _native_signature: ($) =>
      seq(
        field('name', $.identifier),
        field('parameters', $.function_parameters),
        '->',
        field('result', $.type),
        field('library', $.string),
      ),

    function_parameters: ($) =>
      seq('(', optional(commas(alias($.field, $.function_parameter))), ')'),

    property_declaration: ($) =>
      seq(
        'property',
        field('name', $.identifier),
        optional(field('text', $.string)),
        choice(
          seq(
            field('claim', choice('always', 'never', 'eventually', 'sometimes')),
            $.claimed,
          ),
          seq(field('claim', 'leads'), $.claimed, 'eventually', $.claimed),
        ),
      ),

    claimed: ($) => seq('(', $._expression, ')'),

    // -- Actors ------------------------------------------------------------------------------------------------

    actor_declaration: ($) =>
      seq(
        'actor',
        field('name', $.identifier),
        optional(field('text', $.string)),
        '(',
        repeat($._item),
        ')',
      ),

    _item: ($) =>
      choice(
        $.store,
        $.shared,
        $.peers,
        $.trigger,
        $.state,
        $.override,
        $.collect,
        $.transition,
      ),

    store: ($) => seq('store', field('fields', $.fields)),

    shared: ($) => seq('shared', field('fields', $.fields)),

    peers: ($) => seq('peers', '(', repeat($.peer), ')'),

    peer: ($) =>
      seq(field('role', $.identifier), field('field', $._variable)),

    trigger: ($) =>
      seq(
        'trigger',
        field('name', $.identifier),
        field('parameters', $.function_parameters),
        'in',
        field('states', $.names),
        optional($.after),
        optional(field('text', $.string)),
      ),

    after: ($) =>
      seq(
        'after',
        field('transaction', $.identifier),
        '.',
        field('actor', $.identifier),
        'at',
        field('state', $.identifier),
      ),

    state: ($) =>
      seq(
        'state',
        field('name', $.identifier),
        repeat(choice('initial', 'terminal', 'rest')),
        optional(field('text', $.string)),
      ),

    override: ($) =>
      seq(
        choice('ignore', 'defer'),
        field('message', $.identifier),
        'in',
        field('states', $.names),
        optional($.guard),
      ),

    collect: ($) =>
      seq(
        'collect',
        field('message', $.identifier),
        'in',
        field('states', $.names),
        'into',
        field('into', $._variable),
        optional($.guard),
        optional(field('actions', $.actions)),
      ),

    transition: ($) =>
      seq(
        field('from', $.sources),
        '->',
        field('to', $.identifier),
        field('cause', $._cause),
        repeat(alias($.let_action, $.let)),
        choice(
          optional(field('actions', $.actions)),
          seq($.guard, optional(field('actions', $.actions)), optional($.else)),
        ),
      ),

    sources: ($) =>
      choice(
        'any',
        seq($._source, repeat(seq(',', $.identifier))),
        seq(alias('any', $.identifier), repeat1(seq(',', $.identifier))),
      ),

    _source: ($) =>
      choice($.identifier, ...ITEM_WORDS.map((word) => alias(word, $.identifier))),

    _cause: ($) => choice('auto', $.on, $.timeout, $.every),

    on: ($) =>
      seq(
        'on',
        field(
          'name',
          choice(
            $.identifier,
            alias('timeout', $.identifier),
            alias('every', $.identifier),
          ),
        ),
      ),

    timeout: ($) =>
      seq('on', 'timeout', $._open, field('limit', $.limit), ')'),

    limit: ($) => seq($._variable, repeat(seq('.', field('member', $.identifier)))),

    every: ($) => seq('on', 'every', $._open, field('period', $._variable), ')'),

    guard: ($) => seq('when', field('condition', $._expression)),

    else: ($) =>
      seq(
        anyCase('else'),
        '->',
        field('to', $.identifier),
        optional(field('actions', $.actions)),
      ),

    // With or without white space before it.
    _open: (_) => choice('(', token.immediate('(')),

    // -- Actions -----------------------------------------------------------------------------------------------

    // What may be an argument list as well as a block is a block, except that `()` is one only with white space
    // before it.
    actions: ($) =>
      choice(
        prec.dynamic(-1, seq(token.immediate('('), ')')),
        prec.dynamic(1, seq('(', ')')),
        prec.dynamic(2, seq($._open, repeat1($._action), ')')),
      ),

    _action: ($) =>
      choice(
        $.store_action,
        $.store_call,
        $.lookup_action,
        $.let_action,
        $.assignment,
        $.append_action,
        $.send_action,
        $.abort_action,
        $.start_action,
        $.if_action,
        $.for_action,
      ),

    store_action: ($) => seq('store', commas($._variable)),

    store_call: ($) =>
      seq('STORE', '(', field('target', $._variable), ',', field('value', $._expression), ')'),

    lookup_action: ($) =>
      seq('lookup', field('target', $._variable), '=', field('value', $._expression)),

    let_action: ($) =>
      seq('let', field('name', $.identifier), '=', field('value', $._expression)),

    assignment: ($) =>
      seq(
        field('target', $._target),
        repeat(seq('[', field('index', $._expression), ']')),
        '=',
        field('value', $._expression),
      ),

    _target: ($) =>
      choice($._variable, ...ACTION_WORDS.concat(UNITS).map((word) => alias(word, $.variable))),

    append_action: ($) =>
      seq('APPEND', '(', field('target', $._variable), ',', field('value', $._expression), ')'),

    send_action: ($) =>
      seq(
        choice('SEND', 'BROADCAST'),
        '(',
        field('to', $._expression),
        ',',
        field('message', $.identifier),
        optional(field('payload', $.record)),
        ')',
      ),

    abort_action: ($) => seq('ABORT', '(', field('reason', $._expression), ')'),

    start_action: ($) =>
      seq('START', '(', field('task', $.identifier), field('arguments', $.arguments), ')'),

    if_action: ($) =>
      seq(
        anyCase('if'),
        field('condition', $._expression),
        anyCase('then'),
        field('then', $.actions),
        optional(seq(anyCase('else'), field('else', $.actions))),
      ),

    for_action: ($) =>
      seq(
        anyCase('for'),
        field('variable', $.identifier),
        anyCase('in'),
        field('list', $._expression),
        field('body', $.actions),
      ),

    // -- Functions ---------------------------------------------------------------------------------------------

    statements: ($) =>
      prec.dynamic(2, seq($._open, repeat1($._statement), ')')),

    _statement: ($) =>
      choice(
        $.return_statement,
        alias($.statement_assignment, $.assignment),
        $.for_statement,
        $.if_statement,
        $.statements,
      ),

    return_statement: ($) => seq(anyCase('return'), field('value', $._expression)),

    statement_assignment: ($) =>
      seq(
        field('target', $._statement_target),
        optional(seq('[', field('index', $._expression), ']')),
        '=',
        field('value', $._expression),
      ),

    _statement_target: ($) =>
      choice($._variable, ...UNITS.map((word) => alias(word, $.variable))),

    for_statement: ($) =>
      seq(
        anyCase('for'),
        field('variable', $.identifier),
        anyCase('in'),
        field('list', $._expression),
        field('body', $._statement),
      ),

    if_statement: ($) =>
      prec.right(
        seq(
          anyCase('if'),
          field('condition', $._expression),
          anyCase('then'),
          field('then', $._statement),
          optional(seq(anyCase('else'), field('else', $._statement))),
        ),
      ),

    // -- Scenarios ---------------------------------------------------------------------------------------------

    scenario_declaration: ($) =>
      seq(
        'scenario',
        field('name', $.identifier),
        optional(field('text', $.string)),
        '(',
        repeat($._step),
        ')',
      ),

    _step: ($) =>
      choice(
        $.parameters_step,
        $.cast_step,
        $.at_step,
        $.disturbance_step,
        $.expect_step,
      ),

    parameters_step: ($) =>
      seq('parameters', '(', repeat(alias($.setting, $.parameter)), ')'),

    setting: ($) => $._setting,

    cast_step: ($) => seq('cast', '(', repeat($.member), ')'),

    member: ($) =>
      seq(
        field('name', $.identifier),
        field('actor', $.identifier),
        optional('byzantine'),
        optional(field('setup', $.record)),
      ),

    at_step: ($) => seq('at', field('time', $._expression), field('event', $._event)),

    _event: ($) =>
      choice($.trigger_event, $.inject_event, $.peer_event, $.partition_event, 'heal'),

    trigger_event: ($) =>
      seq(
        field('peer', $.identifier),
        '.',
        field('trigger', $.identifier),
        field('arguments', $.arguments),
      ),

    inject_event: ($) => seq($.arrow, optional(field('payload', $.record))),

    peer_event: ($) => seq(choice('crash', 'restart'), field('peer', $.identifier)),

    partition_event: ($) => seq('partition', $.names, $.names),

    arrow: ($) =>
      seq(
        field('from', $.identifier),
        '->',
        field('to', $.identifier),
        field('message', $.identifier),
      ),

    disturbance_step: ($) =>
      seq(
        choice('drop', 'delay', 'duplicate'),
        field('message', $.identifier),
        repeat(
          choice(
            seq('from', field('from', $.identifier)),
            seq('to', field('to', $.identifier)),
            seq('by', field('by', $._expression)),
            seq('times', field('times', $._expression)),
            seq('nth', field('nth', $._expression)),
          ),
        ),
      ),

    expect_step: ($) =>
      seq(
        'expect',
        choice(
          seq('sequence', '(', repeat($.arrow), ')'),
          seq(
            field('condition', $._expression),
            optional(seq('within', field('within', $._expression))),
          ),
        ),
      ),

    // -- Expressions -------------------------------------------------------------------------------------------

    _expression: ($) => choice($.lambda, $._logic),

    lambda: ($) =>
      seq(field('parameter', $.identifier), '=>', field('body', $._expression)),

    _logic: ($) =>
      choice(alias($.logic, $.binary), $.not, $.conditional, $._comparand),

    logic: ($) =>
      choice(
        prec.left(
          PREC.or,
          seq(
            field('left', $._logic),
            field('operator', anyCase('or')),
            field('right', $._logic),
          ),
        ),
        prec.left(
          PREC.and,
          seq(
            field('left', $._logic),
            field('operator', anyCase('and')),
            field('right', $._logic),
          ),
        ),
      ),

    not: ($) => prec(PREC.not, seq(anyCase('not'), field('operand', $._logic))),

    conditional: ($) =>
      seq(
        anyCase('if'),
        field('condition', $._expression),
        anyCase('then'),
        field('then', $._branch),
        anyCase('else'),
        field('else', $._branch),
      ),

    _branch: ($) => choice($.conditional, $._comparand),

    _comparand: ($) => choice(alias($.comparison, $.binary), $._operand),

    comparison: ($) =>
      seq(
        field('left', $._operand),
        field('operator', choice('==', '!=', '<=', '>=', '<', '>', anyCase('in'))),
        field('right', $._operand),
      ),

    _operand: ($) =>
      choice(
        alias($.arithmetic, $.binary),
        $.minus,
        $.call,
        $.index,
        $.member_access,
        $.parenthesized,
        $.record,
        $.named_record,
        $.list,
        $.quantity,
        $.number,
        $.string,
        $.boolean,
        $.null,
        $._variable,
      ),

    // A name where a value is meant; every other name is an `identifier`.
    _variable: ($) => alias($.identifier, $.variable),

    arithmetic: ($) =>
      choice(
        prec.left(
          PREC.sum,
          seq(
            field('left', $._operand),
            field('operator', choice('+', '-')),
            field('right', $._operand),
          ),
        ),
        prec.left(
          PREC.product,
          seq(
            field('left', $._operand),
            field('operator', choice('*', '/', '//', '%')),
            field('right', $._operand),
          ),
        ),
      ),

    minus: ($) => prec(PREC.minus, seq('-', field('operand', $._operand))),

    call: ($) => seq(field('function', $.identifier), field('arguments', $.arguments)),

    arguments: ($) => seq($._open, list($._expression), ')'),

    index: ($) =>
      prec(
        PREC.postfix,
        seq(field('base', $._operand), optional('.'), '[', field('index', $._expression), ']'),
      ),

    member_access: ($) =>
      prec(
        PREC.postfix,
        seq(field('base', $._operand), '.', field('member', $.identifier)),
      ),

    parenthesized: ($) =>
      seq($._open, $._expression, ')'),

    named_record: ($) =>
      prec(PREC.postfix, seq(field('name', $.identifier), field('record', $.record))),

    record: ($) => seq('{', list(choice($.spread, $.record_field)), '}'),

    spread: ($) => seq('...', field('value', $._expression)),

    record_field: ($) =>
      seq(field('name', $.identifier), field('value', $._expression)),

    list: ($) => seq('[', list($._expression), ']'),

    quantity: ($) => seq(field('number', $.number), field('unit', $.unit)),

    unit: (_) => choice(...UNITS),

    _signed_number: ($) => choice($.number, alias($._negative, $.number)),

    _negative: (_) => token(seq('-', /[ \t\r\n]*/, /[0-9]+(\.[0-9]+)?/)),

    number: (_) => /[0-9]+(\.[0-9]+)?/,

    string: (_) => /"[^"\r\n]*"/,

    boolean: (_) => choice(anyCase('true'), anyCase('false')),

    null: (_) => anyCase('null'),

    identifier: (_) => /[A-Za-z_][A-Za-z0-9_]*/,

    doc_comment: (_) => token(prec(1, /##[^\r\n]*/)),

    comment: (_) => token(/#[^\r\n]*/),
  },
});
