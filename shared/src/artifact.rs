//! Files that tests keep equal to what the code produces. It compares and rewrites; it renders nothing.

use std::{env, fs, path::Path};

/// Asserts that the file at `path` holds exactly `produced`. With `BLESS=1` in the environment it writes the
/// file instead, so that an intended change is one command and shows up in the diff.
///
/// Line ends are not compared: a checkout on Windows may have changed them.
#[track_caller]
pub fn assert_artifact(path: impl AsRef<Path>, produced: &str) {
    let path = path.as_ref();
    if env::var_os("BLESS").is_some_and(|value| value == "1") {
        let folder = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).expect("the folder of the artifact can be made");
        fs::write(path, produced).expect("the artifact can be written");
        return;
    }
    let stored = fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    if stored == produced {
        return;
    }
    let (mut stored_lines, mut produced_lines) = (stored.lines(), produced.lines());
    let mut number = 1;
    let (was, is) = loop {
        match (stored_lines.next(), produced_lines.next()) {
            (None, None) => break (None, None),
            (was, is) if was != is => break (was, is),
            _ => number += 1,
        }
    };
    panic!(
        "{} differs from what the code produces, first in line {number}\n  file: {}\n  code: {}\n\
         If the change is intended, run the same test with BLESS=1.",
        path.display(),
        was.unwrap_or("(no such line)"),
        is.unwrap_or("(no such line)"),
    );
}
