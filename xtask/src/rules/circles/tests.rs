//! Small packages by hand, clean ones and broken ones.

use super::super::expect;
use super::*;

#[track_caller]
fn one_package(files: &[(&str, &str)], expected: &[&str]) {
    let files: Vec<_> = files.iter().map(|(path, text)| (format!("x/src/{path}"), *text)).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    expect(check(&Tree::of(&files)), expected);
}

#[test]
fn one_direction_is_no_circle() {
    let files = [
        (
            "lib.rs",
            "mod cli; mod store; mod wire;\n#[path = \"../../y/src/grammar.rs\"] mod grammar;\nfn run() { cli::a() }\npub use store::Id;\npub use wire::Frame;\n",
        ),
        (
            "cli.rs",
            "use std::fmt;\nuse crate::{Frame, store::{self, Id}};\npub fn a() { store::b(fmt::c(), crate::grammar::d()) }\n",
        ),
        ("store.rs", "mod id;\npub use id::Id;\nuse tokio::sync::mpsc;\nfn b() { mpsc::channel() }\n"),
        ("store/id.rs", "//! Not crate::cli::a.\npub struct Id; // see crate::wire::Frame\n"),
        (
            "wire.rs",
            "use crate::Id;\npub struct Frame(Id);\n#[cfg(test)]\nmod tests { use crate::cli::a; }\n",
        ),
    ];
    one_package(&files, &[]);
}

#[test]
fn a_circle_is_named_with_what_ties_it() {
    let files = [
        ("main.rs", "mod a; mod b; mod c; mod d;\n"),
        ("a.rs", "\nuse crate::b::{self, B};\n"),
        ("b/mod.rs", "mod inner;\n"),
        ("b/inner.rs", "\n\nfn b() { super::super::c::f() }\n"),
        ("c.rs", "fn c(a: crate::a::A) {}\n"),
        ("d.rs", "use crate::a::A;\n"),
    ];
    one_package(
        &files,
        &["x/src/a.rs:2: is in the circle a → b → c → a, with x/src/b/inner.rs:3, x/src/c.rs:1"],
    );
}

#[test]
fn a_name_is_its_definers_whoever_passes_it_on() {
    let files = [
        ("lib.rs", "mod bus; mod publish; mod router;\npub use publish::Receipt;\n"),
        ("bus.rs", "pub use crate::router::Router;\n"),
        (
            "publish/mod.rs",
            "mod receipt;\npub use self::receipt::Receipt as Receipt;\nuse crate::bus::Router;\n",
        ),
        ("publish/receipt.rs", "pub struct Receipt;\n"),
        ("router.rs", "fn route() -> Receipt {}\nuse crate::Receipt;\n"),
    ];
    one_package(
        &files,
        &["x/src/publish/mod.rs:3: is in the circle publish → router → publish, with x/src/router.rs:2"],
    );
}

#[test]
fn in_a_folder_two_may_know_each_other() {
    let root = ("lib.rs", "mod a;\n");
    let hub = ("a/mod.rs", "mod b; mod c;\npub use b::B;\nuse self::c::C;\npub struct A(C);\n");
    let halves = [root, hub, ("a/b.rs", "use super::c::C;\n"), ("a/c.rs", "use super::{A, B};\n")];
    one_package(&halves, &[]);

    let third = ("a/mod.rs", "mod b; mod c; mod d;\npub use b::B;\npub use d::D;\n");
    let three = [
        root,
        third,
        ("a/b.rs", "fn b() { super::c::c() }\n"),
        ("a/c.rs", "use super::D;\n"),
        ("a/d.rs", "use super::B;\n"),
    ];
    one_package(
        &three,
        &["x/src/a/b.rs:1: is in the circle b → c → d → b, with x/src/a/c.rs:1, x/src/a/d.rs:1"],
    );
}

#[test]
fn a_folders_own_file_is_one_of_its_parts() {
    let files = [
        ("lib.rs", "mod a;\n"),
        ("a.rs", "mod b; mod c;\npub use b::B;\npub struct A(B);\n"),
        ("a/b.rs", "use super::c;\nfn b() { c::c() }\n"),
        ("a/c.rs", "use super::A;\n"),
    ];
    one_package(
        &files,
        &["x/src/a/b.rs:1: is in the circle b → c → mod → b, with x/src/a/c.rs:1, x/src/a.rs:3"],
    );
}
