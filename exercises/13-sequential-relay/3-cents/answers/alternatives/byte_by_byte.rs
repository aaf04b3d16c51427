//! One pass over the bytes, without a slice or a copy.

    let (mut cents, mut before, mut after) = (0u64, 0, None);
    for byte in text.bytes() {
        match (byte, &mut after) {
            (b'0'..=b'9', after) => {
                cents = cents.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                *after.as_mut().unwrap_or(&mut before) += 1;
            }
            (b'.', None) => after = Some(0),
            _ => return None,
        }
    }
    match (before, after) {
        (1.., None) => cents.checked_mul(100),
        (1.., Some(2)) => Some(cents),
        _ => None,
    }
