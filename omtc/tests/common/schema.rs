//! As much of JSON Schema as `docs/schema` uses. A keyword that is not known here fails, so that no part of the
//! schema is believed to be checked and is not.

#![allow(clippy::wildcard_enum_match_arm)]

use serde_json::Value;

/// Everything that is wrong with a value.
pub fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        let ok = match keyword.as_str() {
            // These say nothing about what is no object, as null where null is allowed.
            "required" | "properties" | "additionalProperties" if !value.is_object() => true,
            "$schema" | "title" | "$defs" => true,
            "$ref" => {
                let path = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                check(root, root.pointer(path).unwrap(), value, at, found);
                true
            }
            "type" => match wanted {
                Value::Array(types) => types.iter().any(|t| is(value, t.as_str().unwrap())),
                Value::String(one) => is(value, one),
                other => panic!("{other} is no type"),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_i64().unwrap() >= wanted.as_i64().unwrap(),
            "minLength" => value.as_str().unwrap().len() as u64 >= wanted.as_u64().unwrap(),
            "pattern" => code(value.as_str().unwrap(), wanted.as_str().unwrap()),
            "required" => {
                wanted.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "items" => {
                for (index, item) in value.as_array().unwrap().iter().enumerate() {
                    check(root, wanted, item, &format!("{at}[{index}]"), found);
                }
                true
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(member) = value.get(name) {
                        check(root, schema, member, &format!("{at}.{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                value.as_object().unwrap().keys().all(|name| known.contains_key(name))
            }
            other => panic!("the keyword {other} is not checked"),
        };
        if !ok {
            found.push(format!("{at}: {keyword} {wanted} does not hold for {value}"));
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the type {other} is not checked"),
    }
}

/// The only patterns are those of codes: one of some letters and four digits.
fn code(text: &str, pattern: &str) -> bool {
    let letters = pattern.strip_prefix("^[").unwrap().strip_suffix("][0-9]{4}$").unwrap();
    text.len() == 5 && letters.contains(&text[..1]) && text[1..].bytes().all(|b| b.is_ascii_digit())
}
