//! A page of text for a terminal: a head and a foot that stay, and a body that scrolls between them. Knows nothing of exercises.

use crate::paint::Paint;
use crate::wrap::{PROSE, cut, wrap};

/// Lines that fit the columns. What does not fit the rows is scrolled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub head: Vec<String>,
    pub body: Vec<String>,
    pub foot: Vec<String>,
    pub columns: usize,
    pub rows: usize,
    /// The first line of the body that is seen.
    pub scroll: usize,
    /// A line of the body that is seen whatever was scrolled: in the middle, where something is above and below it.
    pub cursor: Option<usize>,
    /// Something is going on: the page will change by itself.
    pub is_live: bool,
}

impl Page {
    pub(super) fn new(columns: usize, rows: usize) -> Page {
        Page { columns, rows, ..Page::default() }
    }

    pub(super) fn head(&mut self, line: &str) {
        self.head.extend(wrap(line, self.columns));
    }

    pub(super) fn body(&mut self, text: &str) {
        for line in text.split('\n') {
            self.body.extend(wrap(line, self.columns));
        }
    }

    /// Text to be read, which is hard where the lines are long.
    pub(super) fn prose(&mut self, text: &str) {
        for line in text.split('\n') {
            self.body.extend(wrap(line, self.columns.min(PROSE)));
        }
    }

    pub(super) fn foot(&mut self, line: &str) {
        self.foot.extend(wrap(line, self.columns));
    }

    /// How many lines of the body are seen at once. The rule takes a row too.
    pub(super) fn room(&self) -> usize {
        self.rows.saturating_sub(self.head.len() + self.foot.len() + 1).max(1)
    }

    /// The last line that may be the first one seen.
    pub(super) fn scroll_max(&self) -> usize {
        self.body.len().saturating_sub(self.room())
    }

    /// What the screen shows: as many lines as it has rows.
    pub(super) fn lines(&self, paint: Paint) -> Vec<String> {
        let first = self.first();
        let mut lines = self.head.clone();
        lines.extend(self.seen().iter().cloned());
        lines.resize(self.head.len() + self.room(), String::new());
        lines.push(paint.dim(self.rule(first)));
        lines.extend(self.foot.iter().cloned());
        lines.truncate(self.rows);
        lines
    }

    /// The part of the body that the screen shows.
    pub(super) fn seen(&self) -> &[String] {
        let first = self.first();
        &self.body[first..self.body.len().min(first + self.room())]
    }

    fn first(&self) -> usize {
        let wanted = self.cursor.map_or(self.scroll, |cursor| cursor.saturating_sub(self.room() / 2));
        wanted.min(self.scroll_max())
    }

    /// Between body and foot; says how much there is to scroll.
    fn rule(&self, first: usize) -> String {
        if self.scroll_max() == 0 {
            return "─".repeat(self.columns);
        }
        let last = (first + self.room()).min(self.body.len());
        let said = format!("── lines {} to {last} of {}: ↑ ↓ ", first + 1, self.body.len());
        let rest = self.columns.saturating_sub(said.chars().count());
        cut(&(said + &"─".repeat(rest)), self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        let mut page = Page::new(24, 6);
        page.head("title");
        page.body(body);
        page.foot("q quit");
        page
    }

    #[test]
    fn a_short_page_fills_the_screen() {
        let rule = "─".repeat(24);
        let expected = ["title", "one", "two", "", rule.as_str(), "q quit"];
        assert_eq!(page("one\ntwo").lines(Paint::Plain), expected);
    }

    #[test]
    fn a_long_one_scrolls_between_head_and_foot() {
        let mut page = page("1\n2\n3\n4\n5");
        let seen = |page: &Page| page.lines(Paint::Plain)[1..5].join(" ");
        assert_eq!(seen(&page), "1 2 3 ── lines 1 to 3 of 5: ↑…");
        page.scroll = 1;
        assert_eq!(seen(&page), "2 3 4 ── lines 2 to 4 of 5: ↑…");
        page.scroll = 9;
        assert!(seen(&page).starts_with("3 4 5 "), "not beyond the end");
        page.cursor = Some(2);
        assert!(seen(&page).starts_with("2 3 4 "), "the cursor in the middle");
        page.cursor = Some(0);
        assert!(seen(&page).starts_with("1 2 3 "));
    }

    #[test]
    fn a_tiny_terminal_shows_what_it_can() {
        let mut page = page("1\n2\n3");
        page.rows = 2;
        assert_eq!(page.lines(Paint::Plain), ["title", "1"]);
        page.rows = 0;
        assert!(page.lines(Paint::Plain).is_empty());
    }
}
