//! The nearest of several names, for whoever has mistyped one.

/// The one that takes the fewest insertions, deletions and substitutions; the first of several. Nothing if there is none.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known.min_by_key(|known| distance(name, known)).unwrap_or_default()
}

/// Source: Wagner and Fischer, "The String-to-String Correction Problem", 1974.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, from) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (column, &to) in to.iter().enumerate() {
            let substituted = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        let cases =
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2)];
        for (from, to, expected) in cases {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn the_nearest_is_what_was_meant() {
        let known = ["relay.idle_poll", "relay.lease_ttl", "retry.base"];
        assert_eq!(nearest("relay.idle_pol", known.into_iter()), "relay.idle_poll");
        assert_eq!(nearest("relay.base", known.into_iter()), "retry.base");
    }
}
