//! Files of the book that are made from the data of the course. A test keeps each as it is made; with `BLESS=1` it writes it.

use std::path::Path;

use xtask::text;

/// Asserts that the file `path`, from the root, holds exactly `made`.
#[track_caller]
pub(crate) fn assert_kept(root: &Path, path: &str, made: &str) {
    let file = root.join(path);
    if std::env::var("BLESS").is_ok_and(|value| value == "1") {
        return text::update(&file, made).unwrap();
    }
    let stored = text::read(&file).unwrap_or_default();
    assert!(
        stored == made,
        "{path} is out of date; run this test with BLESS=1, and look at the difference:\n{made}"
    );
}
