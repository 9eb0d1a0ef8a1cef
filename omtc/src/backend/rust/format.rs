//! From correct text to text that reads well. The layout is that of `prettyplease`, so that a machine without rustfmt
//! writes the same bytes as one that has it; blank lines, which it leaves out, are put back here.

/// Lays out one file. What does not parse is given back as it came: the compiler of Rust then says what is wrong.
pub fn layout(header: &str, text: &str) -> String {
    let body = match syn::parse_file(text) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => text.to_owned(),
    };
    format!("{header}{}", breathe(&body))
}

/// Puts an empty line between items, before each handler that is considered, and between imports and the rest.
fn breathe(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 20);
    let mut previous = "";
    for line in text.lines() {
        if wants_space(previous, line) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        previous = line;
    }
    out
}

fn wants_space(previous: &str, line: &str) -> bool {
    let (before, here) = (previous.trim_start(), line.trim_start());
    if before.is_empty() || here.is_empty() {
        return false;
    }
    let depth = |text: &str| text.len() - text.trim_start().len();
    let same_depth = depth(previous) == depth(line);
    let ends_item = before.ends_with('}') || before.ends_with(';');
    let starts_item = [
        "///",
        "#[",
        "pub ",
        "fn ",
        "impl ",
        "use ",
        "mod ",
        "const ",
        "static ",
        "omt_runtime::",
        "wire_",
        "store_",
        "shared_",
        "messages!",
    ]
    .iter()
    .any(|start| here.starts_with(start));
    let import =
        |text: &str| text.starts_with("use ") || text.starts_with("pub mod ") || text.starts_with("mod ");
    if before.starts_with("//!") && !here.starts_with("//!") {
        return true;
    }
    if same_depth && ends_item && import(before) && import(here) {
        return before.starts_with("use ") != here.starts_with("use ");
    }
    if same_depth && ends_item && starts_item {
        let both = |start: &str| before.starts_with(start) && here.starts_with(start);
        return !both("type ") && !both("const ");
    }
    if same_depth && ends_item && here.starts_with("step.consider") {
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_set_apart_and_statements_are_not() {
        let text = "use a::b; use c::d; /// A.\nstruct A; /// B.\nfn b() { let x = 1; step.consider(0, \"x\"); if x { y() } step.consider(1, \"y\"); z() } fn c() {}";
        assert_eq!(
            layout("", text),
            "use a::b;\nuse c::d;\n\n/// A.\nstruct A;\n\n/// B.\nfn b() {\n    let x = 1;\n\n    step.consider(0, \"x\");\n    if x {\n        y()\n    }\n\n    step.consider(1, \"y\");\n    z()\n}\n\nfn c() {}\n"
        );
    }
}
