//! Versions and features stand in the root `Cargo.toml` only: otherwise one command after another rebuilds Tokio with
//! another set of features. Also the place where the other rules read manifests.

use toml::{Table, Value};

use super::Problem;
use crate::tree::Tree;

/// Workspaces of their own: they exist because they need other features, flags or lock files.
const OWN_WORKSPACES: [&str; 6] =
    ["benches/", "capstone/bus/compat/", "capstone/outbox/examples/sqlx/", "fuzz/", "model/", "sim/"];

/// A member of this workspace.
pub(super) struct Manifest<'a> {
    pub path: &'a str,
    text: &'a str,
    table: Table,
}

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in member_files(tree) {
        match text.parse::<Table>() {
            Ok(table) => problems.extend(Manifest { path, text, table }.undecided()),
            Err(error) => problems.push(Problem::new(path, 0, error.message(), "write valid TOML")),
        }
    }
    problems
}

/// The members that can be read; [`check`] reports the others.
pub(super) fn members<'a>(tree: &'a Tree) -> Vec<Manifest<'a>> {
    let read = |(path, text): (&'a str, &'a str)| Some(Manifest { path, text, table: text.parse().ok()? });
    member_files(tree).filter_map(read).collect()
}

fn member_files(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.matching("", "/Cargo.toml")
        .filter(|(path, _)| !OWN_WORKSPACES.iter().any(|own| path.starts_with(own)))
}

impl Manifest<'_> {
    /// The package's name; empty if it has none.
    pub(super) fn name(&self) -> &str {
        self.table
            .get("package")
            .and_then(|package| package.get("name"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Names of all dependencies, those of tests and build scripts too.
    pub(super) fn dependencies(&self) -> Vec<&str> {
        self.dependency_tables().into_iter().flat_map(Table::keys).map(String::as_str).collect()
    }

    /// The line on which the dependency is named, as well as text can tell; 0 if it cannot.
    pub(super) fn line_of(&self, dependency: &str) -> usize {
        let names = |line: &str| {
            let rest = line.trim_start().strip_prefix(dependency);
            rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        };
        self.text.lines().position(names).map_or(0, |at| at + 1)
    }

    fn undecided(&self) -> Vec<Problem> {
        let all = self.dependency_tables().into_iter().flatten();
        let own = all.filter(|(_, value)| value.get("workspace").and_then(Value::as_bool) != Some(true));
        let problem = |(name, _): (&String, &Value)| {
            let fix = format!("write `{name}.workspace = true` here, and the version in the root Cargo.toml");
            Problem::new(self.path, self.line_of(name), format!("`{name}` decides its own version"), fix)
        };
        own.map(problem).collect()
    }

    fn dependency_tables(&self) -> Vec<&Table> {
        let targets = self.table.get("target").and_then(Value::as_table).into_iter().flatten();
        let places = targets.filter_map(|(_, target)| target.as_table()).chain([&self.table]);
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        let tables = places.flat_map(|place| kinds.iter().filter_map(|kind| place.get(*kind)));
        tables.filter_map(Value::as_table).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn every_dependency_is_decided_in_the_root() {
        let good = "[package]\nname = \"shared\"\n[dependencies]\ntokio.workspace = true\nrusqlite = { workspace = true, optional = true }\n";
        let bad = "[package]\nname = \"a\"\n[dependencies]\ntokio = \"1\"\n[dev-dependencies]\nx = { path = \"../x\" }\n\
                   [target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n";
        let tree = Tree::of(&[
            ("Cargo.toml", "[workspace.dependencies]\ntokio = \"1\"\n"),
            ("shared/Cargo.toml", good),
            ("capstone/bus/Cargo.toml", bad),
            ("fuzz/Cargo.toml", bad),
        ]);
        let expected = [
            "capstone/bus/Cargo.toml:8: `libc` decides its own version",
            "capstone/bus/Cargo.toml:4: `tokio` decides its own version",
            "capstone/bus/Cargo.toml:6: `x` decides its own version",
        ];
        expect(check(&tree), &expected);
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_reported() {
        let tree = Tree::of(&[("shared/Cargo.toml", "[package\n")]);
        assert_eq!(check(&tree).len(), 1);
        assert!(members(&tree).is_empty());
    }
}
