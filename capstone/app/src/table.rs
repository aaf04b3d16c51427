//! What people read: columns, and times in words.

use capstone_outbox::operations::Pause;

/// Lines of columns that are as wide as their widest cell; nothing for no rows.
pub(crate) fn table<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let titles = titles.map(str::to_owned);
    let lines = || std::iter::once(&titles).chain(rows);
    let mut widths = [0; N];
    for line in lines() {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    lines().map(line).collect()
}

/// One line of somebody else's text, without what a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The same, and not longer than a line.
pub(crate) fn cell(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let mut shown: String = plain(text).chars().take(CHARS_MAX).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// How long something took or takes, in the largest unit that it fills.
pub(crate) fn span(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{} s", ms / 1_000),
        60_000..3_600_000 => format!("{} min", ms / 60_000),
        3_600_000..172_800_000 => format!("{} h", ms / 3_600_000),
        _ => format!("{} days", ms / 86_400_000),
    }
}

/// Who, and how long it has been.
pub(crate) fn paused(pause: &Pause) -> String {
    format!("paused by {} for {}", cell(&pause.by), span(pause.for_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_is_nothing() {
        let rows = [["a", "1"], ["long", "2"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(["KEY", "HELD"], &rows), "KEY   HELD\na     1\nlong  2\n");
        assert_eq!(table(["KEY"], &[]), "");
    }

    #[test]
    fn a_cell_is_one_line_and_obeys_nothing() {
        assert_eq!(cell("a\nb\u{1b}[2J"), "a b [2J");
        assert_eq!(cell(&"ä".repeat(61)), "ä".repeat(60) + "…");
    }

    #[test]
    fn a_span_is_told_in_one_unit() {
        for (ms, text) in
            [(7, "7 ms"), (1_999, "1 s"), (60_000, "1 min"), (7_200_000, "2 h"), (172_800_000, "2 days")]
        {
            assert_eq!(span(ms), text);
        }
    }
}
