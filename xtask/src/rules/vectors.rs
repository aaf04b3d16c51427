//! SVG files are drawings: no script, no event handler, nothing from another host.

use super::Problem;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.matching("", ".svg") {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(what) = active(&line.to_ascii_lowercase()) {
                problems.push(Problem::new(path, number, what, "take it out: a drawing only draws"));
            }
        }
    }
    problems
}

fn active(line: &str) -> Option<&'static str> {
    if line.contains("<script") || line.contains("javascript:") {
        return Some("holds a script");
    }
    let attribute = |rest: &str| {
        let name = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        name > 0 && rest[name..].trim_start().starts_with('=')
    };
    if line.match_indices(" on").any(|(at, on)| attribute(&line[at + on.len()..])) {
        return Some("holds an event handler");
    }
    let foreign = ["href=\"http", "href='http", "url(http", "@import", "<foreignobject"];
    foreign.iter().any(|part| line.contains(part)).then_some("brings something in from elsewhere")
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn drawings_only_draw() {
        let good = "<svg xmlns=\"http://www.w3.org/2000/svg\">\n<text>only on = time</text>\n<use href=\"#a\"/>\n</svg>\n";
        let bad = "<svg>\n<SCRIPT>x()</SCRIPT>\n<g onclick=\"x()\"/>\n<image href=\"https://x.example/a.png\"/>\n</svg>\n";
        let expected = [
            "bad.svg:2: holds a script",
            "bad.svg:3: holds an event handler",
            "bad.svg:4: brings something in from elsewhere",
        ];
        expect(
            check(&Tree::of(&[("bad.svg", bad), ("good.svg", &good.replace(" on =", " on:"))])),
            &expected,
        );
    }
}
