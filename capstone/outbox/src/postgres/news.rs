//! Whether rows may have become visible since the renewal before: told by the last number that was given out, and by whether
//! anybody writes to the table. It reads no row, so it costs next to nothing, and waits for nobody who locks the table.

/// What was known at the last renewal.
#[derive(Default)]
pub(super) struct News {
    /// The last number that was given out to a row, as far as this user may see it.
    number: Option<i64>,
    /// Whoever took a number may not have committed its row.
    is_open: bool,
}

impl News {
    /// Whether it has to be known if somebody writes.
    pub(super) fn are_open(&self) -> bool {
        self.is_open
    }

    /// Whether there may be something.
    pub(super) fn are_there(&mut self, number: Option<i64>, is_written: bool) -> bool {
        let has_moved = number.is_none() || number != self.number;
        let are_there = has_moved || self.is_open;
        *self = Self { number, is_open: has_moved || self.is_open && is_written };
        are_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_news_until_whoever_has_a_number_has_ended() {
        let mut news = News::default();
        assert!(news.are_there(Some(7), false), "of what was before nothing is known");
        assert!(news.are_there(Some(7), true), "it may have been committed since");
        assert!(news.are_there(Some(7), true));
        assert!(news.are_there(Some(7), false), "and the last one just before this was asked");
        assert!(!news.are_there(Some(7), true), "whoever writes now has no number yet");
        assert!(news.are_there(Some(1), false), "they begin anew");
        assert!(news.are_there(Some(1), false));
        assert!(!news.are_there(Some(1), false));
    }

    #[test]
    fn whoever_may_not_see_the_numbers_looks_each_time() {
        let mut news = News::default();
        assert!((0..4).all(|_| news.are_there(None, false)));
    }
}
