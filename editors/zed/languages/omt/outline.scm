; What the outline shows.

(actor_declaration
  "actor" @context
  name: (identifier) @name) @item

(state
  "state" @context
  name: (identifier) @name) @item

(trigger
  "trigger" @context
  name: (identifier) @name) @item

(transition
  from: (sources) @name
  "->" @context
  to: (identifier) @name) @item

(message_declaration
  "message" @context
  name: (identifier) @name) @item

(block_declaration
  "block" @context
  name: (identifier) @name) @item

(enum_declaration
  "enum" @context
  name: (identifier) @name) @item

(struct_declaration
  "struct" @context
  name: (identifier) @name) @item

(view_declaration
  "view" @context
  name: (identifier) @name) @item

(function_declaration
  "function" @context
  name: (identifier) @name) @item

(native_function_declaration
  "function" @context
  name: (identifier) @name) @item

(native_task_declaration
  "task" @context
  name: (identifier) @name) @item

(property_declaration
  "property" @context
  name: (identifier) @name) @item

(scenario_declaration
  "scenario" @context
  name: (identifier) @name) @item

[
  (comment)
  (doc_comment)
] @annotation
