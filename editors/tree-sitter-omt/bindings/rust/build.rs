//! Compiles the generated parser.

fn main() {
    let mut build = cc::Build::new();
    // What the generator writes is not ours to warn about.
    build.std("c11").include("src").file("src/parser.c").warnings(false);
    #[cfg(target_env = "msvc")]
    build.flag("-utf-8");
    println!("cargo:rerun-if-changed=src/parser.c");
    println!("cargo:rerun-if-changed=src/tree_sitter/parser.h");
    build.compile("tree-sitter-omt");
}
