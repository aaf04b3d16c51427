//! Versions and features stand in the root `Cargo.toml` only: otherwise one command after another rebuilds Tokio with
//! another set of features. But a library asks for the features that it uses and no others, so it may name them beside the
//! root's version. Also the place where the other rules read manifests.

use toml::{Table, Value};

use super::Problem;
use crate::tree::Tree;

/// Workspaces of their own: they exist because they need other features, flags or lock files.
const OWN_WORKSPACES: [&str; 6] =
    ["benches/", "capstone/bus/compat/", "capstone/outbox/examples/sqlx/", "fuzz/", "model/", "sim/"];

/// Members that packages of others are to use.
const LIBRARIES: [&str; 2] = ["capstone/bus/", "capstone/outbox/"];

/// A member of this workspace.
pub(super) struct Manifest<'a> {
    pub path: &'a str,
    text: &'a str,
    table: Table,
}

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let versions = versions(tree);
    let mut problems = Vec::new();
    for (path, text) in member_files(tree) {
        match text.parse::<Table>() {
            Ok(table) => problems.extend(Manifest { path, text, table }.undecided(&versions)),
            Err(error) => problems.push(Problem::new(path, 0, error.message(), "write valid TOML")),
        }
    }
    problems
}

/// Those of the root: what all members have in common.
fn versions(tree: &Tree) -> Table {
    let root = tree.text("Cargo.toml").and_then(|text| text.parse::<Table>().ok());
    let dependencies = root.as_ref().and_then(|root| root.get("workspace")?.get("dependencies")?.as_table());
    dependencies.cloned().unwrap_or_default()
}

/// Of a dependency, in either way to write it.
fn version(dependency: &Value) -> Option<&str> {
    dependency.as_str().or_else(|| dependency.get("version")?.as_str())
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

    fn undecided(&self, versions: &Table) -> Vec<Problem> {
        let is_library = LIBRARIES.iter().any(|library| self.path.starts_with(library));
        let is_decided = |(name, value): &(&String, &Value)| {
            let of_root = versions.get(*name).and_then(version);
            value.get("workspace").and_then(Value::as_bool) == Some(true)
                || (is_library && of_root.is_some() && version(value) == of_root)
        };
        let all = self.dependency_tables().into_iter().flatten();
        let own = all.filter(|dependency| !is_decided(dependency));
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
            ("capstone/app/Cargo.toml", bad),
            ("fuzz/Cargo.toml", bad),
        ]);
        let expected = [
            "capstone/app/Cargo.toml:8: `libc` decides its own version",
            "capstone/app/Cargo.toml:4: `tokio` decides its own version",
            "capstone/app/Cargo.toml:6: `x` decides its own version",
        ];
        expect(check(&tree), &expected);
    }

    #[test]
    fn a_library_names_the_features_that_it_uses_and_the_version_of_the_root() {
        let root =
            "[workspace.dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\nbytes = \"1\"\n";
        let good = "[dependencies]\nbytes = \"1\"\ntokio = { version = \"1\", features = [\"rt\"] }\n";
        let bad = "[dependencies]\nbytes = { version = \"2\" }\nx = \"1\"\ny = { path = \"../y\" }\n";
        let tree = |bus| Tree::of(&[("Cargo.toml", root), ("capstone/bus/Cargo.toml", bus)]);
        expect(check(&tree(good)), &[]);
        let expected = [
            "capstone/bus/Cargo.toml:2: `bytes` decides its own version",
            "capstone/bus/Cargo.toml:3: `x` decides its own version",
            "capstone/bus/Cargo.toml:4: `y` decides its own version",
        ];
        expect(check(&tree(bad)), &expected);
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_reported() {
        let tree = Tree::of(&[("shared/Cargo.toml", "[package\n")]);
        assert_eq!(check(&tree).len(), 1);
        assert!(members(&tree).is_empty());
    }
}
