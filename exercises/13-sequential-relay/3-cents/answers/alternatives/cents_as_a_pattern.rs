//! A slice pattern says what the end looks like.

    match text.as_bytes() {
        [dollars @ .., b'.', tens, ones] => {
            digits(&[dollars, &[*tens, *ones]].concat()).filter(|_| !dollars.is_empty())
        }
        dollars => digits(dollars)?.checked_mul(100),
    }
}

/// `None` when there is no digit, or anything else.
fn digits(bytes: &[u8]) -> Option<u64> {
    let all_digits = bytes.iter().all(u8::is_ascii_digit);
    str::from_utf8(bytes).ok().filter(|_| all_digits)?.parse().ok()
