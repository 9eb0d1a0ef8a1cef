; `mif`, `]f`: a function, property or scenario; `mit`: an actor, message or other type; `mia`: a parameter.

(function_declaration
  body: (statements
    (_)* @function.inside)) @function.around

(transition
  actions: (actions
    (_)* @function.inside)) @function.around

(scenario_declaration) @function.around

(property_declaration) @function.around

(actor_declaration) @class.around

(message_declaration
  fields: (fields
    (_)* @class.inside)) @class.around

(block_declaration
  fields: (fields
    (_)* @class.inside)) @class.around

(struct_declaration
  fields: (fields
    (_)* @class.inside)) @class.around

(enum_declaration) @class.around

(function_parameter) @parameter.inside

(arguments
  (_) @parameter.inside)

[
  (field)
  (enum_value)
  (parameter)
  (record_field)
] @entry.inside

[
  (comment)
  (doc_comment)
] @comment.inside

(comment)+ @comment.around

(doc_comment)+ @comment.around
