//! `./dev` and the recipes: what it hands to `cargo x` without `just` is what `just` would do.

use std::path::Path;

use xtask::text;

#[test]
fn a_recipe_that_dev_runs_without_just_is_one_command_of_cargo_x() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let dev = text::read(&root.join("dev")).unwrap();
    let names = dev.lines().find_map(|line| line.strip_suffix(") exec cargo x \"$@\" ;;")).unwrap();
    let recipes = text::read(&root.join("justfile")).unwrap();
    for name in names.split(" | ") {
        assert_eq!(recipe(&recipes, name), [format!("cargo x {name}")], "{name}");
    }
}

/// The recipe's commands, without its arguments and without just's mark for a command that is not shown.
fn recipe<'a>(recipes: &'a str, name: &str) -> Vec<&'a str> {
    let is_head = |line: &&str| line.split([' ', ':']).next() == Some(name) && line.ends_with(':');
    let lines = recipes.lines().skip_while(|line| !is_head(line)).skip(1);
    let body = lines.take_while(|line| line.starts_with(' '));
    body.map(|line| line.split(" {{").next().unwrap_or(line).trim().trim_start_matches('@')).collect()
}
