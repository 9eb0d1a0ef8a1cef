; What a search for symbols finds, and where it is used.

(actor_declaration
  name: (identifier) @name) @definition.class

(message_declaration
  name: (identifier) @name) @definition.type

(block_declaration
  name: (identifier) @name) @definition.type

(enum_declaration
  name: (identifier) @name) @definition.type

(struct_declaration
  name: (identifier) @name) @definition.type

(view_declaration
  name: (identifier) @name) @definition.type

(state
  name: (identifier) @name) @definition.constant

(parameter
  name: (identifier) @name) @definition.constant

(enum_value
  name: (identifier) @name) @definition.constant

(trigger
  name: (identifier) @name) @definition.method

(function_declaration
  name: (identifier) @name) @definition.function

(native_function_declaration
  name: (identifier) @name) @definition.function

(native_task_declaration
  name: (identifier) @name) @definition.function

(property_declaration
  name: (identifier) @name) @definition.function

(scenario_declaration
  name: (identifier) @name) @definition.function

(uses_declaration
  name: (identifier) @name) @definition.module

(call
  function: (identifier) @name) @reference.call

(start_action
  task: (identifier) @name) @reference.call

(send_action
  message: (identifier) @name) @reference.send

(on
  name: (identifier) @name) @reference.send

(type
  name: (identifier) @name) @reference.type

(named_record
  name: (identifier) @name) @reference.type
