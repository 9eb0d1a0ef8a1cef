//! One generated file: its imports gather while its text is written.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most types and expressions are written alike; those that differ are named"
)]

use super::format::layout;
use super::model::{Home, Model};
use omt_runtime::ir::Type;
use std::collections::{BTreeMap, BTreeSet};

/// Calls of macros are broken into lines beyond this, where `prettyplease` breaks other code.
const LINE_LENGTH_MAX: usize = 89;

/// First line of every generated file.
pub const MARK: &str = "// Written by `omtc build protocols/`. Edit the .omt files instead.\n\n";

/// A file of a protocol.
pub struct File<'m, 'p> {
    /// Names.
    pub model: &'m Model<'p>,
    /// Name of its module.
    pub module: String,
    /// Names needed from the modules beside it.
    imports: BTreeMap<String, BTreeSet<String>>,
    /// Items.
    pub body: String,
    /// Does it begin with the prelude?
    runtime: bool,
    /// Calls of macros, laid out here: `prettyplease` does not look into them.
    macros: Vec<String>,
}

impl<'m, 'p> File<'m, 'p> {
    /// An empty file.
    pub fn new(model: &'m Model<'p>, module: impl Into<String>) -> Self {
        File {
            model,
            module: module.into(),
            imports: BTreeMap::new(),
            body: String::new(),
            runtime: true,
            macros: Vec::new(),
        }
    }

    /// A file that needs nothing of the runtime.
    pub fn without_runtime(mut self) -> Self {
        self.runtime = false;
        self
    }

    /// Notes that a name of another module is used; gives the name.
    pub fn import(&mut self, module: &str, name: &str) -> String {
        if module != self.module {
            self.imports.entry(module.to_owned()).or_default().insert(name.to_owned());
        }
        name.to_owned()
    }

    /// The Rust name of a declared type, imported.
    pub fn declared(&mut self, home: Home, ty: &Type) -> String {
        let name = self.model.type_name(ty).to_owned();
        self.import(home.module(), &name)
    }

    /// The Rust type.
    pub fn ty(&mut self, ty: &Type) -> String {
        match ty {
            Type::Uint => "u64".to_owned(),
            Type::Int | Type::Timestamp | Type::Duration => "i64".to_owned(),
            Type::Float => "f64".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::String => "String".to_owned(),
            Type::Bytes => "Bytes".to_owned(),
            Type::Hash => "Hash".to_owned(),
            Type::Signature => "Signature".to_owned(),
            Type::PeerId => "PeerId".to_owned(),
            Type::Any | Type::Dict => "Value".to_owned(),
            Type::List(item) => format!("Vec<{}>", self.ty(item)),
            Type::Map(key, value) => format!("Map<{}, {}>", self.ty(key), self.ty(value)),
            Type::Optional(inner) => format!("Option<{}>", self.ty(inner)),
            Type::Enum(_) | Type::Struct(_) => self.declared(Home::Types, ty),
            Type::Message(_) => self.declared(Home::Messages, ty),
            Type::BlockPayload(_) => self.declared(Home::Blocks, ty),
            Type::Signed(name) => {
                format!("Signed<{}>", self.declared(Home::Messages, &Type::Message(name.clone())))
            }
            Type::Block(name) => {
                format!("Block<{}>", self.declared(Home::Blocks, &Type::BlockPayload(name.clone())))
            }
            Type::Segment => "Segment".to_owned(),
            Type::View(_) => format!("Arc<{}>", self.declared(Home::Views, ty)),
            Type::ChainState => "ChainState".to_owned(),
            Type::Equivocation => "Equivocation".to_owned(),
            Type::Secret(inner) => format!("Secret<{}>", self.ty(inner)),
            Type::Rng => "SeededRng".to_owned(),
            Type::Exact(_) => "i128".to_owned(),
            Type::Decimal => "Decimal".to_owned(),
            Type::Null => "Option<()>".to_owned(),
            Type::Function(parameters, returns) => {
                let parameters: Vec<String> = parameters.iter().map(|ty| self.parameter(ty)).collect();
                format!("impl Fn({}) -> Result<{}, Raised>", parameters.join(", "), self.ty(returns))
            }
        }
    }

    /// The Rust type that a parameter of that type has: what is not copied is borrowed.
    pub fn parameter(&mut self, ty: &Type) -> String {
        match ty {
            Type::String => "&str".to_owned(),
            Type::List(item) => format!("&[{}]", self.ty(item)),
            Type::View(_) => format!("&{}", self.declared(Home::Views, ty)),
            Type::Function(..) => format!("&{}", self.ty(ty)).replacen("&impl", "impl", 1),
            other if super::model::is_copy(other) => self.ty(other),
            other => format!("&{}", self.ty(other)),
        }
    }

    /// A call of a macro with a list, as an item.
    pub fn list_macro(&mut self, name: &str, head: &str, items: &[String]) -> String {
        let one_line = format!("{name}!({head} {{ {} }});", items.join(", "));
        let text = if one_line.len() <= LINE_LENGTH_MAX {
            one_line
        } else {
            let items: String = items.iter().map(|item| format!("    {item},\n")).collect();
            format!("{name}!({head} {{\n{items}}});")
        };
        self.macros.push(text);
        format!("{name}!({});\n", self.macros.len() - 1)
    }

    /// The finished text.
    pub fn finish(self, documentation: &str) -> String {
        let mut text = String::new();
        for line in documentation.lines() {
            text.push_str(&format!("//! {line}\n").replace("//! \n", "//!\n"));
        }
        for (module, names) in &self.imports {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let names = if let [name] = names.as_slice() {
                (*name).to_owned()
            } else {
                format!("{{{}}}", names.join(", "))
            };
            text.push_str(&format!("use super::{module}::{names};\n"));
        }
        if self.runtime {
            text.push_str("use omt_runtime::typed::prelude::*;\n");
        }
        text.push_str(&self.body);
        let mut text = layout(MARK, &text);
        for (index, call) in self.macros.iter().enumerate() {
            let name = call.split('!').next().unwrap_or_default();
            text = text.replacen(&format!("{name}!({index});"), call, 1);
        }
        text
    }
}

/// `##` text and title as documentation comments; `fallback` when there is neither.
pub fn docs(title: Option<&str>, doc: &str, fallback: &str) -> String {
    let mut text = String::new();
    let mut line = |content: &str| {
        text.push_str("///");
        if !content.is_empty() {
            text.push(' ');
            text.push_str(&escape(content));
        }
        text.push('\n');
    };
    let doc = doc.trim();
    match (title.map(str::trim).filter(|title| !title.is_empty()), doc.is_empty()) {
        (Some(title), true) => line(&sentence(title)),
        (Some(title), false) => {
            line(&sentence(title));
            line("");
            doc.lines().for_each(|content| line(content.trim()));
        }
        (None, false) => doc.lines().for_each(|content| line(content.trim())),
        (None, true) => line(fallback),
    }
    text
}

/// Texts of a source may hold what rustdoc reads as links or HTML.
pub fn escape(text: &str) -> String {
    text.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<")
}

/// With a full stop behind it.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', ':', ';']) { text.to_owned() } else { format!("{text}.") }
}
