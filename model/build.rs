//! Sets `loom` for the bus alone: with a compiler flag it would be set for Tokio, too, which then builds less.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(loom)");
    println!("cargo::rustc-cfg=loom");
    println!("cargo::rerun-if-changed=build.rs");
}
