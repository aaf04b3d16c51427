//! The tests of exercise 13.3. Your file and the solution are tested by this one copy.

use std::panic::catch_unwind;

use super::sut::parse_cents;

/// What a customer types, and what it is in cents.
const AMOUNTS: &[(&str, u64)] = &[
    ("19.99", 1999),
    ("12", 1200),
    ("12.50", 1250),
    ("0.01", 1),
    ("0.29", 29),
    ("1.15", 115),
    ("0", 0),
    ("0.00", 0),
    ("700.07", 70_007),
    ("42949672.96", 4_294_967_296),
    ("90071992547409.93", 9_007_199_254_740_993),
    ("92233720368547758.08", 9_223_372_036_854_775_808),
    ("184467440737095516", 18_446_744_073_709_551_600),
    ("184467440737095516.15", u64::MAX),
];

/// What is not an amount. `\u{ff12}` and `\u{665}` are digits of other scripts.
const OTHERS: &[&str] = &[
    "",
    ".",
    ".50",
    "12.",
    "12.5",
    "12.505",
    "12.500",
    "12.5x",
    "12.x5",
    "x12.50",
    "1x2.50",
    "1.2.34",
    "12..50",
    "12.50.",
    ".12.50",
    "12,50",
    "1,200.00",
    "1_200",
    "-3.00",
    "+3.00",
    "3.-1",
    "3.+1",
    "-0",
    "+12",
    " 12",
    "12 ",
    "12.50\n",
    "12. 5",
    "1e3",
    "1e3.00",
    "0x10",
    "NaN",
    "inf",
    "1\u{ff12}.50",
    "12.\u{665}",
    "12.é",
    "€5",
    "five",
];

/// What does not fit into a `u64`.
const TOO_LARGE: &[&str] = &[
    "184467440737095516.16",
    "184467440737095517",
    "184467440737095517.00",
    "18446744073709551616",
    "99999999999999999999.99",
];

/// One line for each text that is read wrongly.
fn wrong<'a>(cases: impl IntoIterator<Item = (&'a str, Option<u64>)>) -> Vec<String> {
    let mut lines = Vec::new();
    for (text, expected) in cases {
        match catch_unwind(|| parse_cents(text)) {
            Ok(actual) if actual == expected => {}
            Ok(actual) => {
                lines.push(format!("  parse_cents({text:?}) returned {actual:?}, expected {expected:?}"))
            }
            Err(_) => lines.push(format!("  parse_cents({text:?}) panicked, expected {expected:?}")),
        }
    }
    lines
}

#[test]
fn amounts_are_read_to_the_cent() {
    let wrong = wrong(AMOUNTS.iter().map(|(text, cents)| (*text, Some(*cents))));
    assert!(wrong.is_empty(), "these are amounts, and are read wrongly:\n{}", wrong.join("\n"));
}

#[test]
fn everything_else_is_none() {
    let wrong = wrong(OTHERS.iter().map(|text| (*text, None)));
    assert!(
        wrong.is_empty(),
        "these are not amounts of digits, a point and two digits:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn what_does_not_fit_into_a_u64_is_none() {
    let wrong = wrong(TOO_LARGE.iter().map(|text| (*text, None)));
    assert!(wrong.is_empty(), "these amounts do not fit into a u64:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_printed_can_be_read_back() {
    // Every small amount, and then, in large uneven steps, amounts from the whole range of a `u64`.
    for cents in (0..20_000).chain((0..=u64::MAX).step_by(9_999_999_999_999_937)) {
        let text = format!("{}.{:02}", cents / 100, cents % 100);
        let actual = parse_cents(&text);
        assert!(actual == Some(cents), "parse_cents({text:?}) returned {actual:?}, expected Some({cents})");
    }
}
