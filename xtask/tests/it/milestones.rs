//! The table of milestones, which the book's first page and the page of the project include, is what `milestones.toml` says.

use std::path::Path;

use xtask::project::Project;

use crate::kept::assert_kept;

#[test]
fn the_table_of_milestones_says_what_the_project_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let mut table = String::from("| | milestone | after lesson |\n|---|---|---|\n");
    for milestone in Project::load(root).unwrap().milestones {
        let number = milestone.id.number;
        table +=
            &format!("| {number} | [{}](project-{number}.md) | {} |\n", milestone.title, milestone.after);
    }
    assert_kept(root, "book/src/snippets/milestones.txt", &table);
}
