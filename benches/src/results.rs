//! `benches/RESULTS.md`: a section for each benchmark, which its next run replaces, and what it ran on.

use std::fs;
use std::process::Command;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
const TITLE: &str = "# Results\n";

/// Replaces the section of that name; the others stay as they are.
pub fn keep(name: &str, section: &str) {
    let text = with_section(&fs::read_to_string(PATH).unwrap_or_default(), name, section);
    match fs::write(PATH, text) {
        Ok(()) => eprintln!("kept in benches/RESULTS.md"),
        Err(error) => eprintln!("benches/RESULTS.md: {error}"),
    }
}

fn with_section(text: &str, name: &str, section: &str) -> String {
    let mut sections: Vec<(&str, &str)> =
        text.split("\n## ").skip(1).filter_map(|section| section.split_once('\n')).collect();
    sections.retain(|(other, _)| *other != name);
    sections.push((name, section));
    sections.sort_unstable();
    let section = |(name, text): (&str, &str)| format!("\n## {name}\n\n{}\n", text.trim());
    sections.into_iter().fold(TITLE.to_owned(), |text, next| text + &section(next))
}

/// The processor, the system and the compiler.
pub fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.unwrap_or("an unknown processor").trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores, {}, {}", std::env::consts::OS, program("rustc"))
}

/// A program and its version, as it says itself.
pub fn program(program: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// A package and its version, as locked.
pub fn package(name: &str) -> String {
    locked(include_str!("../Cargo.lock"), name)
}

/// The same by another lock file.
pub fn locked(lock: &str, name: &str) -> String {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let after = lock.split_once(&entry);
    let version = after.and_then(|(_, rest)| rest.split('"').next()).unwrap_or("?");
    format!("{name} {version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_replaces_its_own_section_and_no_other() {
        let wire = with_section("", "wire", "one\n");
        assert_eq!(wire, "# Results\n\n## wire\n\none\n");
        let both = with_section(&wire, "bus", "two\n\n| a |\n");
        assert_eq!(both, "# Results\n\n## bus\n\ntwo\n\n| a |\n\n## wire\n\none\n");
        let again = with_section(&both, "bus", "three\n");
        assert_eq!(again, "# Results\n\n## bus\n\nthree\n\n## wire\n\none\n");
        assert_eq!(with_section(&again, "wire", "one\n"), again);
    }
}
