//! Rust's text as the words and signs that say who uses whom: no comments, no literals, nothing that only tests compile.
//! Knows no grammar beyond that.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// A word, `::`, or one sign.
    pub text: &'a str,
    pub line: usize,
}

/// What the program is made of.
pub(super) fn code(text: &str) -> Vec<Token<'_>> {
    let all = tokens(text);
    let mut code = Vec::with_capacity(all.len());
    let mut at = 0;
    while at < all.len() {
        if is_for_tests(&all[at..]) {
            at += item(&all[at..]);
        } else {
            code.push(all[at]);
            at += 1;
        }
    }
    code
}

/// How the attribute of what only tests compile begins.
const FOR_TESTS: [&[&str]; 3] = [
    &["#", "[", "cfg", "(", "test", ")"],
    &["#", "[", "cfg", "(", "all", "(", "test"],
    &["#", "[", "cfg", "(", "doctest", ")"],
];

fn is_for_tests(tokens: &[Token<'_>]) -> bool {
    let begins = |with: &[&str]| {
        tokens.len() >= with.len() && tokens.iter().zip(with).all(|(token, text)| token.text == *text)
    };
    FOR_TESTS.into_iter().any(begins)
}

/// How many tokens an item has, from its first attribute to its last brace or semicolon.
fn item(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            // The end of what is around: a field or an argument, the last one.
            ")" | "]" | "}" if depth == 0 => return at,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                let goes_on =
                    tokens.get(at + 1).is_some_and(|next| [";", ",", ".", "else"].contains(&next.text));
                if depth == 0 && !goes_on {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, counts) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (block_comment(rest), false),
            '"' => (string(rest), false),
            '\'' => (quoted(rest), false),
            _ if is_word(first) => match raw_string(rest) {
                Some(length) => (length, false),
                None => (word(rest), true),
            },
            ':' if rest.starts_with("::") => (2, true),
            _ => (first.len_utf8(), !first.is_whitespace()),
        };
        let (text, after) = rest.split_at(length);
        if counts {
            tokens.push(Token { text, line });
        } else {
            line += text.bytes().filter(|byte| *byte == b'\n').count();
        }
        rest = after;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(rest: &str) -> usize {
    rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

/// Blocks may lie within each other.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(next) = rest[at..].find("/*").into_iter().chain(rest[at..].find("*/")).min() {
        at += next;
        if rest[at..].starts_with("/*") {
            depth += 1
        } else {
            depth -= 1
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string(rest: &str) -> usize {
    let mut bytes = rest.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        rest.strip_prefix(prefix).is_some_and(|rest| rest.trim_start_matches('#').starts_with('"'))
    })?;
    let hashes = rest[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
    let open = prefix.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(rest[open..].find(&close).map_or(rest.len(), |at| open + at + close.len()))
}

/// A character, or the name of a lifetime.
fn quoted(rest: &str) -> usize {
    let mut inside = rest[1..].chars();
    match (inside.next(), inside.next()) {
        (Some('\\'), Some(escaped)) => {
            let from = 2 + escaped.len_utf8();
            rest[from..].find('\'').map_or(rest.len(), |at| from + at + 1)
        }
        (Some(one), Some('\'')) => 2 + one.len_utf8(),
        _ => 1 + word(&rest[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let words: Vec<&str> = code(text).iter().map(|token| token.text).collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        check("a // b::c\n/* d /* e */ f */ g::h /// i", "a g :: h");
        check(
            "a(\"b::c \\\" d\", r#\"e\" f\"#, b\"g\", 'h', '\\'', '\\u{1F600}', 'i: loop)",
            "a ( , , b , , , , : loop )",
        );
        check("rate + r + 1.5", "rate + r + 1 . 5");
    }

    #[test]
    fn lines_are_counted_through_everything() {
        let lines: Vec<usize> = code("a\n/* b\n */ c \"d\ne\" f\n").iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 3, 4]);
    }

    #[test]
    fn what_only_tests_compile_is_no_code() {
        check("a;\n#[cfg(test)]\n#[derive(Debug)]\nmod tests { use b::c; fn d() {} }\ne;", "a ; e ;");
        check("#[cfg(test)]\nmod tests;\na;", "a ;");
        check("#[cfg(test)]\nuse b::{c, d};\na;", "a ;");
        check("#[cfg(all(test, feature = \"x\"))] fn b() { c(); }\na;", "a ;");
        check("struct A { b: B, #[cfg(test)] c: C }", "struct A { b : B , }");
        check("#[cfg(any(test, feature = \"x\"))]\na;", "# [ cfg ( any ( test , feature = ) ) ] a ;");
    }
}
