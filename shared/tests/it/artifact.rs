//! A stored file is compared line by line, whatever its line ends.

use std::{env, fs, process};

use shared::assert_artifact;

#[test]
fn line_ends_are_not_compared() {
    let path = env::temp_dir().join(format!("shared-artifact-{}.txt", process::id()));
    fs::write(&path, "one\r\ntwo\r\n").unwrap();
    assert_artifact(&path, "one\ntwo\n");
    fs::remove_file(&path).unwrap();
}

#[test]
#[should_panic(expected = "BLESS=1")]
fn a_difference_says_how_to_accept_it() {
    assert!(env::var_os("BLESS").is_none(), "this test needs BLESS to be unset; the hint is BLESS=1");
    assert_artifact("no/such/file.txt", "something\n");
}
