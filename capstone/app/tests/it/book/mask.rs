//! What differs from run to run is not compared: ids, times, and numbers where a session says so.

/// What a program says only if its end takes a moment.
const SOMETIMES: &str = "stopping: ";

/// The text with a placeholder for each of these.
pub(super) fn masked(text: &str, numbers_vary: bool) -> String {
    let lines = text.lines().filter(|line| !line.starts_with(SOMETIMES));
    lines.map(|line| masked_line(line, numbers_vary) + "\n").collect()
}

fn masked_line(line: &str, numbers_vary: bool) -> String {
    // Columns are as wide as what stands in them, and only the first blanks of a line tell anything.
    let indent = line.len() - line.trim_start().len();
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match words.last_mut() {
            // "16 ms" is one thing.
            Some(number) if number.bytes().all(|c| c.is_ascii_digit()) && unit(word) => {
                *number += word;
                *number = masked_word(number, numbers_vary);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let words = words.iter().map(|word| masked_word(word, numbers_vary));
    format!("{}{}", &line[..indent], words.collect::<Vec<_>>().join(" "))
}

/// A unit of time, perhaps with a sign behind it.
fn unit(word: &str) -> bool {
    ["ns", "µs", "ms", "s", "min", "h"].contains(&word.trim_end_matches(|c: char| c.is_ascii_punctuation()))
}

fn masked_word(word: &str, numbers_vary: bool) -> String {
    let mut masked = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let (placeholder, length) = thing(rest, numbers_vary, masked.chars().last());
        match placeholder {
            Some(placeholder) => masked += placeholder,
            None => masked.push(first),
        }
        rest = &rest[length.max(first.len_utf8())..];
    }
    masked
}

/// What `text` begins with, if it is one of the things that differ, and how long that is.
fn thing(text: &str, numbers_vary: bool, before: Option<char>) -> (Option<&'static str>, usize) {
    let within_a_word = before.is_some_and(char::is_alphanumeric);
    if within_a_word {
        return (None, 0);
    }
    let id = shaped(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    if id > 0 {
        return (Some("ID"), id);
    }
    for shape in ["dddd-dd-ddTdd:dd:dd", "dddd-dd-dd", "dd:dd:dd"] {
        let start = shaped(text, shape);
        if start > 0 {
            let rest = &text[start..];
            let fraction = rest.find(|c: char| !matches!(c, '0'..='9' | '.' | 'Z')).unwrap_or(rest.len());
            return (Some("TIME"), start + fraction);
        }
    }
    let number = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    if number == 0 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return (None, 0);
    }
    let letters = text[number..].find(|c: char| !c.is_alphabetic()).unwrap_or(text.len() - number);
    match &text[number..number + letters] {
        letters if unit(letters) => (Some("TIME"), number + letters.len()),
        _ if numbers_vary => (Some("N"), number),
        _ => (None, number.min(1)),
    }
}

/// The length of what `text` begins with, if it has this shape: `x` is a hexadecimal digit, `d` a decimal one.
fn shaped(text: &str, shape: &str) -> usize {
    let fits = |(found, wanted): (u8, u8)| match wanted {
        b'x' => found.is_ascii_hexdigit(),
        b'd' => found.is_ascii_digit(),
        _ => found == wanted,
    };
    let whole = text.len() >= shape.len() && text.bytes().zip(shape.bytes()).all(fits);
    if whole { shape.len() } else { 0 }
}

#[test]
fn what_differs_is_masked() {
    let line = "  019b8d2b-9027-7d5d-8cf6-35ee9e9e2fa4 in 1.5s  at 2026-11-30T23:45:28.123Z \"id\":\"019b8d2b-9027-7d5d-8cf6-35ee9e9e2fa4\" 12 v2";
    assert_eq!(masked(line, false), "  ID in TIME at TIME \"id\":\"ID\" 12 v2\n");
    assert_eq!(masked("12 rows, 3.5 a second, p50 x1 4ms", true), "N rows, N a second, p50 x1 TIME\n");
    assert_eq!(masked("a  16 ms ago, 2 min; 3 rows", false), "a TIME ago, TIME; 3 rows\n");
    assert_eq!(masked("stopping: a moment\nrelayed 2", false), "relayed 2\n");
    assert_ne!(masked("12", false), masked("13", false));
    assert_ne!(masked("12 rows", true), masked("12 keys", true));
}
