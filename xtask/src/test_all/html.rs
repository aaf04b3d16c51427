//! As much of HTML as the check of the book needs: which addresses a page uses, and which parts it has. The pages are
//! mdBook's, so this is a scanner of tags and not a parser of whatever a browser would take.

use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Use {
    /// Followed when a reader wants to.
    Link(String),
    /// Fetched with the page: a script, a style sheet, an image, …
    Request(String),
}

pub(super) fn uses(html: &str) -> Vec<Use> {
    tags(html).into_iter().filter_map(|tag| tag.used()).collect()
}

/// The parts of a page that a fragment can name.
pub(super) fn ids(html: &str) -> BTreeSet<String> {
    let tags = tags(html);
    tags.iter().flat_map(|tag| ["id", "name"].into_iter().filter_map(|name| tag.attribute(name))).collect()
}

struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl Tag<'_> {
    fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.replace("&amp;", "&"))
    }

    fn used(&self) -> Option<Use> {
        match self.name {
            "a" | "area" => {
                self.attribute("href").filter(|href| !href.starts_with("javascript:")).map(Use::Link)
            }
            // Links to neighbours in a series are for machines; what is loaded is the rest.
            "link" if self.attribute("rel").is_some_and(|rel| rel == "canonical") => None,
            "link" | "use" | "image" => self.attribute("href").map(Use::Request),
            "object" => self.attribute("data").map(Use::Request),
            _ => self.attribute("src").map(Use::Request),
        }
    }
}

/// All opening tags; comments, and what lies inside of scripts and styles, are passed over.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        let (attributes, after) = attributes(&rest[name_end..]);
        let name = &rest[..name_end];
        rest = after;
        if name == "script" || name == "style" {
            let end = rest.find(if name == "script" { "</script" } else { "</style" });
            rest = &rest[end.unwrap_or(rest.len())..];
        }
        tags.push(Tag { name, attributes });
    }
    tags
}

/// The attributes up to the tag's end, and what follows it.
fn attributes(mut rest: &str) -> (Vec<(&str, &str)>, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return (found, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (found, after);
        }
        let end =
            rest.find(|c: char| c.is_whitespace() || ['=', '>', '/'].contains(&c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end.max(1).min(rest.len()));
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(value) => attribute_value(value.trim_start()),
            None => ("", after),
        };
        found.push((name, value));
        rest = after;
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_and_the_rest_is_fetched() {
        let html = "<a class=x href='a.html?b&amp;c'>a</a> 1 < 2 <img alt=\"a > b\" src=i.png><br/>\n\
            <!-- <img src=no.png> --><script src=\"s.js\">if (a<b) \"<img src=no>\"</script><link rel=icon href=f.svg>\n\
            <link rel=\"canonical\" href=\"https://x.example\"><style>a::before { content: \"<a href=no>\" }</style>";
        let expected = [
            Use::Link("a.html?b&c".to_owned()),
            Use::Request("i.png".to_owned()),
            Use::Request("s.js".to_owned()),
            Use::Request("f.svg".to_owned()),
        ];
        assert_eq!(uses(html), expected);
    }

    #[test]
    fn parts_are_named_by_id_or_name() {
        let found = ids("<h2 id=\"one\">x</h2><a name='two'></a><p id=three hidden>");
        assert_eq!(found, ["one", "two", "three"].map(str::to_owned).into());
    }

    #[test]
    fn broken_pages_end() {
        for html in ["<", "<a", "<a href", "<a href=\"x", "<!-- x", "<script>x", "<a =>", "<é>"] {
            let _ = uses(html);
        }
    }
}
