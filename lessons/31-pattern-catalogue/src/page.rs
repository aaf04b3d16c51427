//! The book's page, in the parts that the chapter includes. A test keeps `page.txt` equal to it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::catalogue::{Catalogue, Pattern};
use crate::play::{Clock, perform, player};

/// All parts, each between its anchors.
pub fn page(catalogue: &Catalogue, root: &Path) -> String {
    let parts = [
        ("criteria", criteria(catalogue)),
        ("ratings", ratings(catalogue)),
        ("channels", channels(catalogue)),
        ("trees", trees(catalogue)),
        ("patterns", patterns(catalogue, root)),
        ("reading", reading(catalogue)),
    ];
    let mut out = String::from("Made of patterns.toml by a test: BLESS=1 cargo test -p lesson-31\n");
    for (name, part) in parts {
        let _ = write!(out, "\n# ANCHOR: {name}\n{part}# ANCHOR_END: {name}\n");
    }
    out
}

fn ratings(catalogue: &Catalogue) -> String {
    let names: Vec<_> = catalogue.criteria.iter().map(|criterion| criterion.name.as_str()).collect();
    let mut out = format!("| pattern | {} |\n|---|---|---|---|---|\n", names.join(" | "));
    for pattern in &catalogue.patterns {
        let points = pattern.ratings().map(|rating| rating.0.to_string()).join(" | ");
        let _ = writeln!(out, "| [{}](#{}) | {points} |", pattern.title, pattern.name);
    }
    out
}

fn criteria(catalogue: &Catalogue) -> String {
    let mut out = String::from("| | 5 means | 1 means |\n|---|---|---|\n");
    for criterion in &catalogue.criteria {
        let _ = writeln!(out, "| {} | {} | {} |", criterion.name, criterion.five, criterion.one);
    }
    out
}

fn channels(catalogue: &Catalogue) -> String {
    let mut out = String::from(
        "| channel | topology | keeps | when it is full | the receiver's end | for |\n|---|---|---|---|---|---|\n",
    );
    for channel in &catalogue.channels {
        let cells = [&channel.topology, &channel.keeps, &channel.full, &channel.ends, &channel.fits]
            .map(String::as_str);
        let _ = writeln!(out, "| [{0}](#{0}) | {1} |", channel.name, cells.join(" | "));
    }
    out
}

fn trees(catalogue: &Catalogue) -> String {
    let mut out = String::new();
    for tree in &catalogue.trees {
        let list = catalogue.patterns.iter().fold(tree.list.clone(), |list, pattern| {
            list.replace(&format!("[{}]", pattern.name), &format!("[{}](#{})", pattern.title, pattern.name))
        });
        let _ = write!(out, "### {}\n\n{list}\n", tree.title);
    }
    out
}

fn patterns(catalogue: &Catalogue, root: &Path) -> String {
    let mut out = String::new();
    for family in &catalogue.families {
        let _ = write!(out, "### {}\n\n", family.title);
        for pattern in catalogue.of(family) {
            entry(&mut out, catalogue, pattern, root);
        }
    }
    out
}

fn entry(out: &mut String, catalogue: &Catalogue, pattern: &Pattern, root: &Path) {
    let Pattern { name, title, brief, purpose, avoid, rest, shown, family, .. } = pattern;
    let _ = write!(
        out,
        "#### {title} {{#{name}}}\n\n**In short:** {brief}.\n\n**For:** {purpose}\n\n**Not for:** {avoid}\n\n**The rest:** {rest} Shown by `{shown}`.\n\n\
         | rating | | because |\n|---|---|---|\n"
    );
    for (criterion, rating) in catalogue.criteria.iter().zip(pattern.ratings()) {
        let _ = writeln!(out, "| {} | {} | {} |", criterion.name, rating.0, rating.1);
    }
    let story = told(name);
    let _ = write!(
        out,
        "\n<details><summary>Its timeline and its code</summary>\n\n\
         ![Timeline: {story}](img/31-pattern-catalogue/{name}.svg)\n\n\
         ```rust\n{{{{#include src/{family}.rs:{name}}}}}\n```\n\n</details>\n\n{}. {}\n\n",
        lesson(root, pattern.lesson),
        capstone(pattern),
    );
}

/// The journal as sentences, for those who do not see the drawing.
fn told(name: &str) -> String {
    let mut moments: Vec<(u64, Vec<String>)> = Vec::new();
    for entry in perform(player(name), Clock::Paused).entries() {
        let event = format!("{} {}", entry.task, entry.what);
        match moments.last_mut() {
            Some((at_ms, events)) if *at_ms == entry.at_ms => events.push(event),
            _ => moments.push((entry.at_ms, vec![event])),
        }
    }
    let moments = moments.into_iter().map(|(at_ms, events)| format!("at {at_ms} ms {}", events.join(", ")));
    moments.collect::<Vec<_>>().join("; ") + "."
}

/// A link to the chapter, where there is one.
fn lesson(root: &Path, number: u32) -> String {
    let chapters = fs::read_dir(root.join("book/src")).expect("the book is there").flatten();
    let names = chapters.map(|file| file.file_name().to_string_lossy().into_owned());
    match names.into_iter().find(|name| name.starts_with(&format!("{number}-")) && name.ends_with(".md")) {
        Some(chapter) => format!("[Lesson {number}]({chapter})"),
        None => format!("Lesson {number}"),
    }
}

fn capstone(pattern: &Pattern) -> String {
    let capstone = &pattern.capstone;
    match (&capstone.file, &capstone.line) {
        (Some(file), Some(line)) => {
            format!("In the capstone: `{line}` in `{file}`. {}", capstone.why)
        }
        _ => format!("In the capstone: {}", capstone.why),
    }
}

fn reading(catalogue: &Catalogue) -> String {
    catalogue
        .reading
        .iter()
        .map(|reading| format!("- [{}]({})\n", reading.title.replace('`', ""), reading.url))
        .collect()
}
