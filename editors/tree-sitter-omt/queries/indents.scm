; One level for each bracket that ends its line, and for a clause of an item on a line of its own.

[
  (parameters_declaration)
  (enum_declaration)
  (fields)
  (view_declaration)
  (function_parameters)
  (actor_declaration)
  (peers)
  (names)
  (trigger)
  (override)
  (collect)
  (actions)
  (statements)
  (property_declaration)
  (claimed)
  (scenario_declaration)
  (parameters_step)
  (cast_step)
  (expect_step)
  (arguments)
  (parenthesized)
  (record)
  (list)
] @indent.begin

[
  ")"
  "]"
  "}"
] @indent.branch @indent.end
