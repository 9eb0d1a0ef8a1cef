; What each piece of a source is. No two patterns name the same node, so that it does not matter whether an
; editor lets the first or the last of them win. The regions marked "generated" come from the table of words of
; omtc: see docs/editors.md.

; -- Comments, literals

(comment) @comment

(doc_comment) @comment.documentation

(string) @string

(path) @string.special

(number) @number

(unit) @constant.builtin

(boolean) @boolean

(null) @constant.builtin

; -- Words

[
  ; BEGIN generated strings(keyword, control, operator): @

    "actor" "after" "always" "and" "any" "as" "at" "auto" "block" "by" "byzantine" "cast" "collect"
    "crash" "defer" "delay" "drop" "duplicate" "else" "enum" "eventually" "every" "expect" "for"
    "from" "function" "heal" "if" "ignore" "imports" "in" "initial" "into" "leads" "let" "lookup"
    "message" "native" "never" "not" "nth" "on" "or" "parameters" "partition" "peers" "property"
    "rest" "restart" "return" "scenario" "sequence" "session" "shared" "signed" "sometimes" "state"
    "store" "struct" "task" "terminal" "then" "timeout" "times" "to" "transaction" "trigger" "uses"
    "view" "when" "within"

  ; END generated
] @keyword

[
  ; BEGIN generated strings(effect): @
  "ABORT" "APPEND" "BROADCAST" "SEND" "START" "STORE"
  ; END generated
] @keyword.function

; -- Types

(type
  name: (identifier) @type.builtin
  (#any-of? @type.builtin
    ; BEGIN generated strings(type): @

      "ChainState" "any" "block" "bool" "bytes" "chain" "dict" "duration" "equivocation" "float"
      "function" "hash" "int" "list" "map" "peer_id" "rng" "secret" "segment" "signature" "signed"
      "string" "timestamp" "uint"

    ; END generated
  ))

(type
  name: (identifier) @type
  (#not-any-of? @type
    ; BEGIN generated strings(type): @

      "ChainState" "any" "block" "bool" "bytes" "chain" "dict" "duration" "equivocation" "float"
      "function" "hash" "int" "list" "map" "peer_id" "rng" "secret" "segment" "signature" "signed"
      "string" "timestamp" "uint"

    ; END generated
  ))

(enum_declaration
  name: (identifier) @type)

(struct_declaration
  name: (identifier) @type)

(message_declaration
  name: (identifier) @type
  from: (identifier) @type)

(message_declaration
  name: (identifier) @type
  from: (names
    (identifier) @type))

(message_declaration
  to: (names
    (identifier) @type))

(block_declaration
  name: (identifier) @type)

(block_declaration
  by: (names
    (identifier) @type))

(view_declaration
  name: (identifier) @type)

(actor_declaration
  name: (identifier) @type)

(fold
  block: (identifier) @type)

(peer
  role: (identifier) @type)

(after
  actor: (identifier) @type)

(override
  message: (identifier) @type)

(collect
  message: (identifier) @type)

(send_action
  message: (identifier) @type)

(named_record
  name: (identifier) @type)

(member
  actor: (identifier) @type)

(arrow
  message: (identifier) @type)

(disturbance_step
  message: (identifier) @type)

; -- What can be called, triggered or run

(function_declaration
  name: (identifier) @function)

(native_function_declaration
  name: (identifier) @function)

(native_task_declaration
  name: (identifier) @function)

(property_declaration
  name: (identifier) @function)

(scenario_declaration
  name: (identifier) @function)

(trigger
  name: (identifier) @function)

(start_action
  task: (identifier) @function)

(trigger_event
  trigger: (identifier) @function)

(call
  function: (identifier) @function.builtin
  (#any-of? @function.builtin
    ; BEGIN generated strings(function): @

      "ABS" "ALL" "ANY" "CHAIN_CONTAINS_HASH" "CHAIN_HEIGHT" "CHAIN_SEGMENT" "CHAIN_STATE_AT"
      "CLAMP" "CONCAT" "COUNT" "DAY" "EQUIVOCATION" "FILTER" "FIND" "GENERATE_ID" "GET" "HASH"
      "HAS_KEY" "KEYS" "LAST_PEER_HASH" "LENGTH" "LOAD" "MAP" "MAX" "MIN" "NOW" "RANDOM_BYTES"
      "READ" "REDUCE" "REVEAL" "SECONDS" "SEEDED_RNG" "SEEDED_SAMPLE" "SEEDED_SHUFFLE" "SIGN" "SORT"
      "SORT_BY" "SUM" "TO_STRING" "UNIQUE" "VALUES" "VERIFY_CHAIN_SEGMENT" "VERIFY_MULTI"
      "VERIFY_SIG" "VIEW" "WITH" "WITHOUT"

    ; END generated
  ))

(call
  function: (identifier) @function
  (#not-any-of? @function
    ; BEGIN generated strings(function): @

      "ABS" "ALL" "ANY" "CHAIN_CONTAINS_HASH" "CHAIN_HEIGHT" "CHAIN_SEGMENT" "CHAIN_STATE_AT"
      "CLAMP" "CONCAT" "COUNT" "DAY" "EQUIVOCATION" "FILTER" "FIND" "GENERATE_ID" "GET" "HASH"
      "HAS_KEY" "KEYS" "LAST_PEER_HASH" "LENGTH" "LOAD" "MAP" "MAX" "MIN" "NOW" "RANDOM_BYTES"
      "READ" "REDUCE" "REVEAL" "SECONDS" "SEEDED_RNG" "SEEDED_SAMPLE" "SEEDED_SHUFFLE" "SIGN" "SORT"
      "SORT_BY" "SUM" "TO_STRING" "UNIQUE" "VALUES" "VERIFY_CHAIN_SEGMENT" "VERIFY_MULTI"
      "VERIFY_SIG" "VIEW" "WITH" "WITHOUT"

    ; END generated
  ))

; A cause: messages are written in capitals, triggers and tasks are not.

(on
  name: (identifier) @type
  (#match? @type "^[A-Z]"))

(on
  name: (identifier) @function
  (#not-match? @function "^[A-Z]"))

; -- Names of transactions

(transaction_declaration
  number: (identifier) @module)

(uses_declaration
  name: (identifier) @module)

(after
  transaction: (identifier) @module)

; -- States, values of enums, parameters

(state
  name: (identifier) @constant)

(sources
  (identifier) @constant)

(transition
  to: (identifier) @constant)

(else
  to: (identifier) @constant)

(trigger
  states: (names
    (identifier) @constant))

(override
  states: (names
    (identifier) @constant))

(collect
  states: (names
    (identifier) @constant))

(after
  state: (identifier) @constant)

(enum_value
  name: (identifier) @constant)

(parameter
  name: (identifier) @constant)

(parameter
  value: (identifier) @constant)

; -- Fields

(transaction_declaration
  session: (identifier) @property)

(field
  name: (identifier) @property)

(record_field
  name: (identifier) @property)

(member_access
  member: (identifier) @property)

(limit
  member: (identifier) @property)

; -- Values

(function_parameter
  name: (identifier) @variable.parameter)

(lambda
  parameter: (identifier) @variable.parameter)

(let
  name: (identifier) @variable)

(let_action
  name: (identifier) @variable)

(for_action
  variable: (identifier) @variable)

(for_statement
  variable: (identifier) @variable)

(member
  name: (identifier) @variable)

(trigger_event
  peer: (identifier) @variable)

(peer_event
  peer: (identifier) @variable)

(partition_event
  (names
    (identifier) @variable))

(arrow
  from: (identifier) @variable
  to: (identifier) @variable)

(disturbance_step
  from: (identifier) @variable)

(disturbance_step
  to: (identifier) @variable)

((variable) @variable.builtin
  (#any-of? @variable.builtin
    ; BEGIN generated strings(value): @
    "chain" "message" "network" "peer_id" "result"
    ; END generated
  ))

((variable) @constant
  (#match? @constant "^[A-Z][A-Z0-9_]*$"))

((variable) @variable
  (#not-match? @variable "^[A-Z][A-Z0-9_]*$")
  (#not-any-of? @variable
    ; BEGIN generated strings(value): @
    "chain" "message" "network" "peer_id" "result"
    ; END generated
  ))

; -- Signs

[
  "="
  "=="
  "!="
  "<="
  ">="
  "+"
  "-"
  "*"
  "/"
  "//"
  "%"
  "->"
  "=>"
  "?"
  "..."
] @operator

(binary
  [
    "<"
    ">"
  ] @operator)

(type_arguments
  [
    "<"
    ">"
  ] @punctuation.bracket)

[
  "("
  ")"
  "["
  "]"
  "{"
  "}"
] @punctuation.bracket

[
  ","
  "."
] @punctuation.delimiter
