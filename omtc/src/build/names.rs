//! Names of outputs.

use omt_runtime::ir::Protocol;

/// Path of a transaction without what says nothing: `transactions/00_escrow_lock/transaction` is
/// `transactions/00_escrow_lock`.
pub fn place(protocol: &Protocol) -> &str {
    let path = protocol.meta.path.as_str();
    path.strip_suffix("/transaction").unwrap_or(path)
}

/// The page of a transaction, below `docs/`.
pub fn page(protocol: &Protocol) -> String {
    format!("{}.md", place(protocol))
}
