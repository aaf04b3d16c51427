//! Finds the tests in the source of async-nats, as cargo fetched it, and makes a module of each file.

use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: [&str; 5] = [
    "client_tests",
    "server_pool_parity_tests",
    "server_pool_tests",
    "service_tests",
    "subject_validation_test",
];

fn main() {
    let cargo = std::env::var_os("CARGO").expect("cargo says so");
    let output =
        Command::new(cargo).args(["metadata", "--format-version", "1"]).output().expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut packages = metadata["packages"].as_array().expect("packages").iter();
    let client = packages.find(|package| package["name"] == "async-nats").expect("it is a dependency");
    let manifest = Path::new(client["manifest_path"].as_str().expect("a path"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says so"));
    for name in FILES {
        let file = manifest.with_file_name("tests").join(name).with_extension("rs");
        let module = format!("#[path = {file:?}]\nmod {name};\n");
        std::fs::write(out.join(name).with_extension("rs"), module).expect("cargo's folder");
    }
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=build.rs");
}
