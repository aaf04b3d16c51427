//! Files that one reads in one go: a budget of lines for each kind.

use super::Problem;
use crate::tree::Tree;

/// Path's beginning, what it contains, its end; lines. The first row that fits counts.
const BUDGETS: [(&str, &str, &str, usize); 5] = [
    ("lessons/", "", "/src/main.rs", 40),
    ("lessons/", "/src/", ".rs", 200),
    ("", "", ".rs", 400),
    ("book/src/", "", ".md", 250),
    ("ARCHITECTURE.md", "", "", 150),
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts() {
        let row = BUDGETS.iter().find(|(start, within, end, _)| {
            path.starts_with(start) && path.contains(within) && path.ends_with(end)
        });
        let lines = text.lines().count();
        if let Some(&(.., budget)) = row.filter(|(.., budget)| lines > *budget) {
            let what = format!("has {lines} lines, its budget is {budget}");
            problems.push(Problem::new(
                path,
                0,
                what,
                "a file is one noun: find the second one and move it out",
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn each_kind_has_its_budget() {
        let lines = |count: usize| "x\n".repeat(count);
        let tree = Tree::of(&[
            ("ARCHITECTURE.md", &lines(151)),
            ("README.md", &lines(900)),
            ("book/src/11-channels.md", &lines(251)),
            ("capstone/bus/src/a.rs", &lines(400)),
            ("capstone/bus/src/b.rs", &lines(401)),
            ("lessons/11-channels/src/lib.rs", &lines(201)),
            ("lessons/11-channels/src/main.rs", &lines(41)),
            ("lessons/11-channels/src/wrong.rs", &lines(200)),
            ("lessons/11-channels/tests/lesson.rs", &lines(400)),
        ]);
        let expected = [
            "ARCHITECTURE.md: has 151 lines, its budget is 150",
            "book/src/11-channels.md: has 251 lines, its budget is 250",
            "capstone/bus/src/b.rs: has 401 lines, its budget is 400",
            "lessons/11-channels/src/lib.rs: has 201 lines, its budget is 200",
            "lessons/11-channels/src/main.rs: has 41 lines, its budget is 40",
        ];
        expect(check(&tree), &expected);
    }
}
