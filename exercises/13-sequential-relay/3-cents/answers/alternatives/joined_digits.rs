//! Both parts together are the number of cents, so nothing can overflow but `parse`.

    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(dollars) && digits(cents) { format!("{dollars}{cents}").parse().ok() } else { None }
