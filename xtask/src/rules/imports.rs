//! Dependencies between our own packages run one way. The table is the one in ARCHITECTURE.md.

use super::Problem;
use super::manifests::members;
use crate::tree::Tree;

/// Where a package lies, and which of ours it may use. The first row that fits counts.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("shared/", &[]),
    ("lessons/", &["shared"]),
    ("exercises/", &["shared"]),
    ("capstone/bus-derive/", &[]),
    ("capstone/bus/", &["capstone-bus-derive"]),
    ("capstone/postgres-server/", &[]),
    ("capstone/outbox/", &["capstone-bus", "capstone-postgres-server"]),
    ("capstone/app/", &["capstone-bus", "capstone-outbox", "capstone-postgres-server"]),
    ("capstone/crash/", &["capstone", "capstone-outbox", "capstone-postgres-server"]),
    ("xtask/", &[]),
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let members = members(tree);
    let ours: Vec<&str> = members.iter().map(|member| member.name()).collect();
    let mut problems = Vec::new();
    for member in &members {
        let Some((_, allowed)) = ALLOWED.iter().find(|(place, _)| member.path.starts_with(place)) else {
            let fix = "add its row to the table in xtask/src/rules/imports.rs and to ARCHITECTURE.md";
            problems.push(Problem::new(
                member.path,
                0,
                "nobody has said which packages this one may use",
                fix,
            ));
            continue;
        };
        let used =
            member.dependencies().into_iter().filter(|name| ours.contains(name) && *name != member.name());
        for name in used.filter(|name| !allowed.contains(name)) {
            let what = format!("`{}` must not use `{name}`", member.name());
            let fix = "move what both need downwards, or argue for another row in xtask/src/rules/imports.rs";
            problems.push(Problem::new(member.path, member.line_of(name), what, fix));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    fn package(name: &str, uses: &[&str]) -> String {
        let uses: String = uses.iter().map(|name| format!("{name}.workspace = true\n")).collect();
        format!("[package]\nname = \"{name}\"\n[dev-dependencies]\n{uses}")
    }

    #[test]
    fn only_the_rows_of_the_table() {
        let tree = Tree::of(&[
            ("shared/Cargo.toml", &package("shared", &["tokio"])),
            ("lessons/11-channels/Cargo.toml", &package("lesson-11", &["shared", "capstone-bus"])),
            ("lessons/12-x/Cargo.toml", &package("lesson-12", &["shared", "lesson-11"])),
            ("capstone/bus/Cargo.toml", &package("capstone-bus", &["capstone-outbox"])),
            ("capstone/outbox/Cargo.toml", &package("capstone-outbox", &["capstone-bus"])),
            ("capstone/app/Cargo.toml", &package("capstone", &["capstone-bus", "capstone-outbox"])),
            ("elsewhere/Cargo.toml", &package("elsewhere", &[])),
        ]);
        let expected = [
            "capstone/bus/Cargo.toml:4: `capstone-bus` must not use `capstone-outbox`",
            "elsewhere/Cargo.toml: nobody has said which packages this one may use",
            "lessons/11-channels/Cargo.toml:5: `lesson-11` must not use `capstone-bus`",
            "lessons/12-x/Cargo.toml:5: `lesson-12` must not use `lesson-11`",
        ];
        expect(check(&tree), &expected);
    }
}
