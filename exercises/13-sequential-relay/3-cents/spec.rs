//! The tests of exercise 13.3. Your file and the solution are tested by this one copy.

use super::sut::parse_cents;

/// What a customer types, and what it is in cents.
const AMOUNTS: [(&str, Option<u64>); 21] = [
    ("19.99", Some(1999)),
    ("12", Some(1200)),
    ("12.50", Some(1250)),
    ("0.01", Some(1)),
    ("0.29", Some(29)),
    ("1.15", Some(115)),
    ("90071992547409.93", Some(9_007_199_254_740_993)),
    ("184467440737095516.15", Some(u64::MAX)),
    ("184467440737095516.16", None),
    ("99999999999999999999", None),
    ("", None),
    (".", None),
    (".50", None),
    ("12.", None),
    ("12.5", None),
    ("12.505", None),
    ("12.5x", None),
    ("-3.00", None),
    ("+3.00", None),
    ("1e3", None),
    ("NaN", None),
];

#[test]
fn amounts_are_read_to_the_cent() {
    let wrong: Vec<String> = AMOUNTS
        .iter()
        .filter(|(text, expected)| parse_cents(text) != *expected)
        .map(|(text, expected)| {
            let actual = parse_cents(text);
            format!("  parse_cents({text:?}) returned {actual:?}, expected {expected:?}")
        })
        .collect();
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} of {} amounts are read wrongly:\n{}", AMOUNTS.len(), wrong.join("\n"));
}
