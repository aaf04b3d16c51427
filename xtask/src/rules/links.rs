//! Relative links and images in every Markdown file lead somewhere. Links to other hosts are listed, not fetched.

use super::Problem;
use crate::tree::{Tree, resolve};

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.matching("", ".md") {
        for (line, link) in targets(text) {
            let there = |place: &String| tree.has_file(place) || tree.has_folder(place);
            if resolve(path, link).filter(there).is_none() {
                let what = format!("links to `{link}`, which does not exist");
                problems.push(Problem::new(path, line, what, "the path counts from this file's folder"));
            }
        }
    }
    problems
}

/// Each relative link of a Markdown text, without its fragment, with its line. Code is passed over.
pub(super) fn targets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    let lines = (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    });
    lines.flat_map(|(number, line)| links_of(line).into_iter().map(move |link| (number, link)))
}

fn links_of(line: &str) -> Vec<&str> {
    let inline = outside_code(line, "](").into_iter().map(|rest| until(rest, &[')', ' ']));
    let sources = ["src=\"", "href=\""]
        .into_iter()
        .flat_map(|start| outside_code(line, start))
        .map(|rest| until(rest, &['"']));
    let definition = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    let definition = definition.map(|(_, rest)| until(rest, &[' ']));
    let links = inline.chain(sources).chain(definition);
    let links = links.map(|link| link.trim_matches(['<', '>']));
    links
        .filter(|link| is_relative(link))
        .map(|link| until(link, &['#']))
        .filter(|link| !link.is_empty())
        .collect()
}

/// What follows each `start` that is not in `inline code`.
fn outside_code<'a>(line: &'a str, start: &str) -> Vec<&'a str> {
    let open = |at: usize| line[..at].matches('`').count().is_multiple_of(2);
    line.match_indices(start).filter(|(at, _)| open(*at)).map(|(at, _)| &line[at + start.len()..]).collect()
}

fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}

fn is_relative(link: &str) -> bool {
    let scheme =
        link.split_once(':').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric()));
    !scheme && !link.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    #[test]
    fn links_that_resolve() {
        let readme = "[a](docs/a.md#part), [b](docs/), [c](https://x.example/y), [d](#here), `[e](no.md)`\n\
            ![p](docs/p.svg \"title\") <img src=\"docs/p.svg\">\n[ref]: docs/a.md\n```text\n[f](no.md)\n```\n[g](mailto:a@b.c)\n";
        let tree =
            Tree::of(&[("README.md", readme), ("docs/a.md", "[up](../README.md)\n"), ("docs/p.svg", "")]);
        expect(check(&tree), &[]);
    }

    #[test]
    fn links_that_do_not() {
        let readme =
            "[a](docs/b.md)\n\n![p](p.png)\n[ref]: nowhere.md\n<a href=\"x/y.html\">\n[up](../out.md)\n";
        let expected = [
            "README.md:1: links to `docs/b.md`, which does not exist",
            "README.md:3: links to `p.png`, which does not exist",
            "README.md:4: links to `nowhere.md`, which does not exist",
            "README.md:5: links to `x/y.html`, which does not exist",
            "README.md:6: links to `../out.md`, which does not exist",
        ];
        expect(check(&Tree::of(&[("README.md", readme)])), &expected);
    }
}
