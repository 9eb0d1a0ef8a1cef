; Names that live in one function, lambda, loop, transition or block of actions.

[
  (function_declaration)
  (lambda)
  (for_action)
  (for_statement)
  (transition)
  (fold)
  (collect)
  (actions)
  (statements)
] @local.scope

(function_parameter
  name: (identifier) @local.definition.parameter)

(lambda
  parameter: (identifier) @local.definition.parameter)

(for_action
  variable: (identifier) @local.definition.var)

(for_statement
  variable: (identifier) @local.definition.var)

(let
  name: (identifier) @local.definition.var)

(let_action
  name: (identifier) @local.definition.var)

(variable) @local.reference
