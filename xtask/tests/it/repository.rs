//! Every rule over every file of this repository. A failure lists all problems, each with its fix.

use std::path::Path;

use xtask::rules::RULES;
use xtask::tree::Tree;

#[test]
fn the_repository_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let tree = Tree::read(root).unwrap();
    let mut report = String::new();
    for (name, check) in RULES {
        let problems = check(&tree);
        if !problems.is_empty() {
            report += &format!("\n{name}:\n");
            problems.iter().for_each(|problem| report += &format!("  {problem}\n"));
        }
    }
    assert!(report.is_empty(), "{report}");
}
