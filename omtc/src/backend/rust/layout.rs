//! Where things go: modules by the paths of the sources, and the files that only list others.

use super::GeneratedFile;
use super::file::{MARK, escape, sentence};
use super::format::layout;
use super::model::Model;
use super::names::{plain_snake, snake};
use omt_runtime::ir::Protocol;
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};

/// Path of the package of a protocol below `generated/`: `packages/transactions/00_escrow_lock.omtp`.
pub fn package_file(protocol: &Protocol) -> String {
    format!("packages/{}.omtp", source_path(protocol))
}

/// The source without `transaction` at its end: `transactions/00_escrow_lock`.
fn source_path(protocol: &Protocol) -> &str {
    let path = protocol.meta.path.trim_matches('/');
    let path = path.strip_suffix("/transaction").unwrap_or(path);
    if path.is_empty() { "transaction" } else { path }
}

/// The modules of a protocol, if nothing else has them: `["transactions", "escrow_lock"]`.
pub fn transaction_module(protocol: &Protocol) -> Vec<String> {
    source_path(protocol).split('/').map(|segment| module_name(segment, false)).collect()
}

/// `00_escrow_lock` to `escrow_lock`, or to `escrow_lock_00` where that is needed to tell two apart.
fn module_name(segment: &str, with_number: bool) -> String {
    let digits = segment.len() - segment.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = segment.split_at(digits);
    let rest = rest.trim_start_matches(['_', '-', '.']);
    match (number.is_empty(), rest.is_empty()) {
        (true, _) => snake(segment),
        (false, true) => format!("n_{number}"),
        (false, false) if with_number => format!("{}_{number}", plain_snake(rest)),
        (false, false) => snake(rest),
    }
}

/// Modules of all packages, in the order of the paths; no two the same, and none that holds another.
pub fn place<'p>(packages: &[&'p Package]) -> Vec<(Vec<String>, &'p Package)> {
    let mut sorted: Vec<&Package> = packages.to_vec();
    sorted.sort_by_key(|package| (package.protocol.meta.path.clone(), package.id));
    let mut taken: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut placed = Vec::new();
    for package in sorted {
        let mut modules = transaction_module(&package.protocol);
        if !taken.insert(modules.clone()) {
            modules =
                source_path(&package.protocol).split('/').map(|segment| module_name(segment, true)).collect();
            let mut number = 2;
            let base = modules.last().cloned().unwrap_or_default();
            while !taken.insert(modules.clone()) {
                if let Some(last) = modules.last_mut() {
                    *last = format!("{base}_{number}");
                }
                number += 1;
            }
        }
        placed.push((modules, package));
    }
    placed
}

/// Lints about what a person would say in another way. The text of a generated file is the source's, also where that
/// compares a number with itself; what the walls of the workspace are about is kept.
const LINTS: &str = "unused_comparisons, clippy::absurd_extreme_comparisons, clippy::collapsible_else_if, \
    clippy::collapsible_if, clippy::comparison_to_empty, clippy::doc_lazy_continuation, \
    clippy::doc_overindented_list_items, clippy::eq_op, clippy::erasing_op, clippy::identity_op, \
    clippy::if_same_then_else, clippy::ifs_same_cond, clippy::int_plus_one, clippy::module_inception, \
    clippy::needless_late_init, \
    clippy::needless_return, clippy::nonminimal_bool, clippy::overly_complex_bool_expr, clippy::useless_vec";

/// `lib.rs`, and a `mod.rs` for each folder that holds transactions.
pub fn tree(placed: &[(Vec<String>, &Package)]) -> Vec<GeneratedFile> {
    let mut folders: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    folders.entry(Vec::new()).or_default();
    for (modules, _) in placed {
        for depth in 0..modules.len() {
            let (folder, rest) = modules.split_at(depth);
            if let Some(next) = rest.first() {
                folders.entry(folder.to_vec()).or_default().insert(next.clone());
            }
        }
    }
    let mut files = Vec::new();
    for (folder, children) in &folders {
        let modules: String = children.iter().map(|child| format!("pub mod {child};\n")).collect();
        if folder.is_empty() {
            let all: String =
                placed.iter().map(|(modules, _)| format!("{}::program(),", modules.join("::"))).collect();
            let text = format!(
                "//! State machines that `omtc build protocols/` wrote, one folder per transaction.\n//!\n\
                 //! What they run on is `omt_runtime::typed`; how they are hosted, `omt_runtime::host`.\n\
                 #![allow({LINTS}, reason = \"what is said stands as in the source\")]\n\
                 {modules}\
                 use omt_runtime::machine::Program;\nuse std::sync::Arc;\n\
                 /// Every transaction, in the order of the paths of their sources.\n\
                 pub fn programs() -> Vec<Arc<dyn Program>> {{ vec![{all}] }}\n"
            );
            files.push(GeneratedFile { path: "src/lib.rs".to_owned(), text: layout(MARK, &text) });
        } else {
            let path = folder.join("/");
            let text = format!("//! Transactions of `protocols/{path}/`.\n{modules}");
            files.push(GeneratedFile { path: format!("src/{path}/mod.rs"), text: layout(MARK, &text) });
        }
    }
    files
}

/// The `mod.rs` of a transaction.
pub fn root(model: &Model<'_>, modules: &[(String, String)]) -> String {
    let protocol = model.protocol;
    let mut text = String::new();
    let mut line = |content: &str| {
        text.push_str("//!");
        if !content.is_empty() {
            text.push(' ');
            text.push_str(&escape(content));
        }
        text.push('\n');
    };
    line(&sentence(&format!("Transaction {}: {}", protocol.number, protocol.meta.name)));
    if let Some(description) = &protocol.meta.description {
        line("");
        line(&sentence(description));
    }
    if !protocol.meta.doc.trim().is_empty() {
        line("");
        protocol.meta.doc.trim().lines().for_each(|content| line(content.trim()));
    }
    line("");
    line(&format!("Source: `protocols/{}`.", protocol.meta.sources.first().map_or("", String::as_str)));
    for (module, _) in modules {
        text.push_str(&format!("pub mod {module};\n"));
    }
    let actors: String = protocol
        .actors
        .keys()
        .map(|name| format!("ActorEntry::of::<{}::{}>(),", model.actor_module(name), model.actor_type(name)))
        .collect();
    text.push_str(&format!(
        "use omt_runtime::machine::Program;\n\
         use omt_runtime::typed::{{ActorEntry, TypedProgram, embedded}};\n\
         use std::sync::{{Arc, LazyLock}};\n\
         /// The protocol id: two peers run this transaction together only if theirs are the same.\n\
         pub const PROTOCOL: &str = \"{}\";\n\
         static ACTORS: &[ActorEntry] = &[{actors}];\n\
         static PROGRAM: LazyLock<Arc<TypedProgram>> = LazyLock::new(|| {{\n\
         let package = embedded(include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{}\")), PROTOCOL);\n\
         Arc::new(TypedProgram::new(package, ACTORS))\n}});\n\
         /// This transaction, ready to be hosted.\n\
         pub fn program() -> Arc<dyn Program> {{ PROGRAM.clone() }}\n",
        model.package.id,
        package_file(protocol)
    ));
    layout(MARK, &text)
}
