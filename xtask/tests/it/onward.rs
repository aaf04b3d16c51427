//! What to do next, at the end of each chapter, is what the course, the project and the summary say.

use std::path::Path;

use xtask::course::Course;
use xtask::onward::onward;
use xtask::project::Project;
use xtask::text;

use crate::kept::assert_kept;

#[test]
fn each_chapter_ends_with_what_comes_next() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let summary = text::read(&root.join("book/src/SUMMARY.md")).unwrap();
    for next in onward(&Course::load(root).unwrap(), &Project::load(root).unwrap(), &summary) {
        assert_kept(root, &next.path, &next.text);
    }
}
