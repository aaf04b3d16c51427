//! For tests: a matcher that is too simple to be wrong, and every small topic and pattern to try it on.

use crate::{Pattern, Topic};

/// The rules word by word, with no thought of speed.
pub(crate) fn matches(pattern: &str, topic: &str) -> bool {
    fn tokens_match(pattern: &[&str], topic: &[&str]) -> bool {
        match (pattern, topic) {
            ([], []) => true,
            ([">"], [_, ..]) => true,
            (["*", pattern @ ..], [_, topic @ ..]) => tokens_match(pattern, topic),
            ([wanted, pattern @ ..], [token, topic @ ..]) => wanted == token && tokens_match(pattern, topic),
            _ => false,
        }
    }
    let hidden = topic.starts_with('$') && pattern.starts_with(['*', '>']);
    let (pattern, topic): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), topic.split('.').collect());
    !hidden && tokens_match(&pattern, &topic)
}

/// Every topic of up to four tokens over three letters, and the same with a first token of `$s`.
pub(crate) fn topics() -> Vec<Topic> {
    texts(&["a", "b", "c"]).iter().map(|text| Topic::new(text.as_str()).expect("a topic")).collect()
}

/// Every pattern of up to four tokens over three letters and the wildcards, and the same with a first token of `$s`.
pub(crate) fn patterns() -> Vec<Pattern> {
    let texts = texts(&["a", "b", "c", "*", ">"]);
    texts.iter().filter_map(|text| Pattern::new(text.as_str()).ok()).collect()
}

fn texts(alphabet: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut longest: Vec<String> = alphabet.iter().chain(&["$s"]).map(ToString::to_string).collect();
    for _ in 0..3 {
        all.extend(longest.iter().cloned());
        longest =
            longest.iter().flat_map(|text| alphabet.iter().map(move |t| format!("{text}.{t}"))).collect();
    }
    all.extend(longest);
    all
}

#[test]
fn there_are_as_many_as_one_can_count() {
    // With n letters: n + 1 first tokens, then n choices at each of up to three more.
    assert_eq!(topics().len(), 4 * (1 + 3 + 9 + 27));
    // Without `>`: 5 first tokens and 4 choices; with it last: alone, or behind up to three of the others.
    assert_eq!(patterns().len(), 5 * (1 + 4 + 16 + 64) + 1 + 5 * (1 + 4 + 16));
}
