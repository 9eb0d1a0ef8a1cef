//! Readable Rust from the IR: one folder of modules per transaction, the machine in plain sight.
//!
//! ```text
//! generated/src/lib.rs                      programs()
//!              /examples/mod.rs
//!              /examples/ping_pong/mod.rs   program(), the package
//!                                 /parameters.rs  /types.rs  /messages.rs  /blocks.rs  /views.rs  /functions.rs
//!                                 /requester.rs   states, store, one function per state and cause
//! ```
//!
//! The text depends on the packages alone: everything is walked in the order of the source or of names, and laid out by
//! [`format`](self::format). What is the same for every protocol is `omt_runtime::typed`.

mod action;
mod actor;
mod builtin;
mod code;
mod declare;
mod expr;
mod file;
mod format;
mod function;
mod layout;
mod model;
mod names;
mod walk;

#[cfg(test)]
mod tests;

pub use layout::{package_file, transaction_module};

use actor::ActorWriter;
use file::File;
use model::Model;
use omt_runtime::package::Package;

/// A file to write, its path below `generated/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// `src/examples/ping_pong/mod.rs`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The whole source of the generated crate.
pub fn generate(packages: &[&Package]) -> Vec<GeneratedFile> {
    let placed = layout::place(packages);
    let mut files = layout::tree(&placed);
    for (modules, package) in &placed {
        transaction(package, &modules.join("/"), &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Does a text use anything of the prelude? A name of it, or a method of one of its traits. Functions of numbers and
/// truth values may do without.
fn needs_runtime(body: &str) -> bool {
    let mut words = body.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.any(|word| word == "library" || model::VALUE_NAMES.contains(&word))
        || [".at(", ".at_in(", ".needed(", ".name("].iter().any(|method| body.contains(method))
}

/// The files of one transaction.
fn transaction(package: &Package, folder: &str, files: &mut Vec<GeneratedFile>) {
    let mut model = Model::new(package);
    for (name, declared) in model.functions_in_order() {
        let signature = function::signature(&model, declared);
        model.signatures.insert(name.to_owned(), signature);
    }
    let model = &model;
    let protocol = model.protocol;
    let title = file::escape(&protocol.meta.name);
    let mut modules: Vec<(String, String)> = Vec::new();

    if !protocol.parameters.is_empty() {
        let mut file = File::new(model, "parameters");
        file.body = declare::parameters(model);
        let file = if file.body.contains("Decimal") { file } else { file.without_runtime() };
        modules.push(("parameters".to_owned(), file.finish(&format!("Parameters of {title}."))));
    }
    if !protocol.enums.is_empty() || !protocol.structs.is_empty() {
        let mut file = File::new(model, "types");
        file.body = declare::types(&mut file);
        modules.push(("types".to_owned(), file.finish(&format!("Enums and structs of {title}."))));
    }
    let mut file = File::new(model, "messages");
    file.body = declare::messages(&mut file);
    modules.push(("messages".to_owned(), file.finish(&format!("Messages of {title}."))));
    if !protocol.blocks.is_empty() {
        let mut file = File::new(model, "blocks");
        file.body = declare::blocks(&mut file);
        modules.push(("blocks".to_owned(), file.finish(&format!("Payloads of the blocks of {title}."))));
    }
    if !protocol.views.is_empty() {
        let mut file = File::new(model, "views");
        let mut text = String::new();
        for (name, view) in model::by_order(&protocol.views, |view| &view.meta) {
            text.push_str(&function::view(&mut file, name, view));
        }
        file.body = text;
        modules
            .push(("views".to_owned(), file.finish(&format!("Views of {title}: what a chain adds up to."))));
    }
    let mut file = File::new(model, "functions");
    file.body = function::all(&mut file);
    if !file.body.is_empty() {
        let file = if needs_runtime(&file.body) { file } else { file.without_runtime() };
        modules.push(("functions".to_owned(), file.finish(&format!("Functions of {title}."))));
    }
    for (name, actor) in &protocol.actors {
        let module = model.actor_module(name).to_owned();
        let mut file = File::new(model, module.clone());
        let text = ActorWriter::new(&mut file, name, actor).write();
        file.body = text;
        let about = format!("The {} of {title}.", file::escape(name));
        modules.push((module, file.finish(&about)));
    }
    files.push(GeneratedFile { path: format!("src/{folder}/mod.rs"), text: layout::root(model, &modules) });
    for (module, text) in modules {
        let module = module.strip_prefix("r#").map_or(module.clone(), str::to_owned);
        files.push(GeneratedFile { path: format!("src/{folder}/{module}.rs"), text });
    }
}
