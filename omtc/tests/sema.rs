//! From sources to the typed IR: what is built, what is refused, and with which words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omtc::sema::analyze;
use omtc::source::DiskSources;
use std::path::{Path, PathBuf};

fn protocols() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols")
}

/// Every protocol of the tree is without findings that are errors, and its IR is well-formed.
#[test]
fn the_protocols_of_the_tree_become_packages() {
    let analyzed = analyze(&DiskSources, &[protocols()]);
    let errors: Vec<_> = analyzed.diagnostics.iter().filter(|d| d.is_error()).collect();
    let rendered = omtc::diagnostic::render_all(&analyzed.sources, errors.iter().copied(), false);
    assert!(errors.is_empty(), "{rendered}");
    let mut packages = 0;
    for unit in analyzed.units.iter().filter(|u| u.is_transaction) {
        let protocol = unit.protocol.clone().expect("a transaction without errors has a protocol");
        omt_runtime::package::Package::from_protocol(protocol).expect("well-formed");
        packages += 1;
    }
    assert!(packages >= 2);
}
