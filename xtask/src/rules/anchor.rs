//! Named anchors (`// ANCHOR: name` … `// ANCHOR_END: name`) as mdBook sees them: a wrong one is an empty block in the
//! book, silently. Used by the rule on includes.

use crate::tree::Tree;

/// What is wrong with the anchor `name` of `file`; `None` if it opens and closes once, in this order.
pub(super) fn fault(tree: &Tree, file: &str, name: &str) -> Option<String> {
    let text = tree.text(file)?;
    let lines_with = |marker: &str| -> Vec<usize> {
        (1..)
            .zip(text.lines())
            .filter(|(_, line)| named(line, marker) == Some(name))
            .map(|(at, _)| at)
            .collect()
    };
    match (&lines_with("ANCHOR:")[..], &lines_with("ANCHOR_END:")[..]) {
        ([open], [close]) if open + 1 < *close => None,
        ([open], [close]) if open < close => Some(format!("the anchor `{name}` of {file}:{open} is empty")),
        ([open], [_]) => Some(format!("the anchor `{name}` of {file}:{open} closes before it opens")),
        ([], []) => Some(format!("{file} has no anchor `{name}`")),
        ([open], []) => Some(format!("the anchor `{name}` of {file}:{open} is never closed")),
        ([_, second, ..], _) => Some(format!("the anchor `{name}` opens again in {file}:{second}")),
        (_, [_, second, ..]) => Some(format!("the anchor `{name}` closes again in {file}:{second}")),
        ([], [close]) => Some(format!("the anchor `{name}` of {file}:{close} is never opened")),
    }
}

/// The name behind a marker, in whatever comment the file's language has.
fn named<'a>(line: &'a str, marker: &str) -> Option<&'a str> {
    let rest = line.split_once(marker)?.1.trim_start();
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let fault = fault(&Tree::of(&[("a.rs", text)]), "a.rs", "x");
        assert_eq!(fault.as_deref(), expected);
    }

    #[test]
    fn an_anchor_opens_and_closes_once() {
        check("// ANCHOR: x\ncode\n// ANCHOR_END: x\n", None);
        check("# ANCHOR:x\ncode\n// ANCHOR: xy\n// ANCHOR_END: xy\n# ANCHOR_END:x\n", None);
        check("// ANCHOR: xy\ncode\n// ANCHOR_END: xy\n", Some("a.rs has no anchor `x`"));
        check("\n// ANCHOR: x\n", Some("the anchor `x` of a.rs:2 is never closed"));
        check("// ANCHOR_END: x\n", Some("the anchor `x` of a.rs:1 is never opened"));
        check("// ANCHOR: x\n// ANCHOR_END: x\n", Some("the anchor `x` of a.rs:1 is empty"));
        check("// ANCHOR_END: x\n// ANCHOR: x\n", Some("the anchor `x` of a.rs:2 closes before it opens"));
        check(
            "// ANCHOR: x\n\n// ANCHOR_END: x\n// ANCHOR: x\n",
            Some("the anchor `x` opens again in a.rs:4"),
        );
        check(
            "// ANCHOR: x\n\n// ANCHOR_END: x\n// ANCHOR_END: x\n",
            Some("the anchor `x` closes again in a.rs:4"),
        );
    }
}
