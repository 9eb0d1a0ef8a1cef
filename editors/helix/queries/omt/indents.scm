; One level inside of a bracket that ends its line.

[
  (parameters_declaration)
  (enum_declaration)
  (fields)
  (view_declaration)
  (function_parameters)
  (actor_declaration)
  (peers)
  (names)
  (actions)
  (statements)
  (claimed)
  (scenario_declaration)
  (parameters_step)
  (cast_step)
  (expect_step)
  (arguments)
  (parenthesized)
  (record)
  (list)
] @indent

[
  ")"
  "]"
  "}"
] @outdent
