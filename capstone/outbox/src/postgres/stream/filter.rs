//! A pattern as PostgreSQL matches it, so that what a filter does not let pass is not sent.

use capstone_bus::Pattern;

/// A regular expression that matches the topics that the pattern matches, and no others.
pub(super) fn regex(pattern: &Pattern) -> String {
    let tokens: Vec<String> = pattern.as_str().split('.').map(token).collect();
    // A wildcard at the beginning does not stand for a topic of the bus's own.
    let begin = if tokens[0].starts_with('[') || tokens[0] == ".+" { r"^(?!\$)" } else { "^" };
    format!("{begin}{}$", tokens.join(r"\."))
}

fn token(token: &str) -> String {
    match token {
        "*" => "[^.]+".into(),
        ">" => ".+".into(),
        token => token.chars().flat_map(quoted).collect(),
    }
}

/// A backslash before a letter or a digit would mean something else.
fn quoted(character: char) -> impl Iterator<Item = char> {
    character.is_ascii_punctuation().then_some('\\').into_iter().chain([character])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_become_classes_and_all_else_stands_for_itself() {
        for (pattern, expected) in [
            ("orders.*.created", r"^orders\.[^.]+\.created$"),
            (">", r"^(?!\$).+$"),
            ("*.a", r"^(?!\$)[^.]+\.a$"),
            ("$x.a+b[c].>", r"^\$x\.a\+b\[c\]\..+$"),
        ] {
            assert_eq!(regex(&pattern.parse().unwrap()), expected);
        }
    }
}
