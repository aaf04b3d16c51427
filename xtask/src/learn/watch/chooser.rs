//! The list in which the learner chooses an exercise: by arrows, or by typing its number. Does not draw itself.

use super::event::Key;
use crate::course::{Course, ExerciseId};

/// How far a page goes.
const PAGE: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chooser {
    pub selected: ExerciseId,
    /// What was typed of a number: `14.`.
    pub typed: String,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Open,
    Chosen(ExerciseId),
    Closed,
}

impl Chooser {
    pub(super) fn at(selected: ExerciseId) -> Chooser {
        Chooser { selected, typed: String::new() }
    }

    pub(super) fn on(&mut self, key: Key, course: &Course) -> Choice {
        let typed = std::mem::take(&mut self.typed);
        match key {
            Key::Up | Key::Char('k') => self.step(course, |at, _| at.saturating_sub(1)),
            Key::Down | Key::Char('j') => self.step(course, |at, last| last.min(at + 1)),
            Key::PageUp => self.step(course, |at, _| at.saturating_sub(PAGE)),
            Key::PageDown => self.step(course, |at, last| last.min(at + PAGE)),
            Key::Home => self.step(course, |_, _| 0),
            Key::End => self.step(course, |_, last| last),
            Key::Enter => return Choice::Chosen(self.selected),
            Key::Char(digit @ ('0'..='9' | '.')) => self.find(course, typed, digit),
            Key::Back | Key::Char('l' | 'q') => return Choice::Closed,
            Key::Char(_) | Key::Interrupt => {}
        }
        Choice::Open
    }

    fn step(&mut self, course: &Course, to: impl Fn(usize, usize) -> usize) {
        let ids: Vec<ExerciseId> = course.exercises().map(|exercise| exercise.id).collect();
        let at = ids.iter().position(|id| *id == self.selected).unwrap_or(0);
        if let Some(id) = ids.get(to(at, ids.len().saturating_sub(1))) {
            self.selected = *id;
        }
    }

    /// Goes to the first number that begins as was typed; a digit that fits none begins anew.
    fn find(&mut self, course: &Course, typed: String, digit: char) {
        for typed in [format!("{typed}{digit}"), digit.to_string()] {
            let fits = |id: &ExerciseId| id.to_string().starts_with(&typed);
            if let Some(id) = course.exercises().map(|exercise| exercise.id).find(fits) {
                (self.selected, self.typed) = (id, typed);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::study;

    #[test]
    fn arrows_and_numbers_lead_to_an_exercise() {
        let root = tempfile::tempdir().unwrap();
        let course = study(root.path()).course;
        let mut chooser = Chooser::at("10.1".parse().unwrap());
        let mut press = |keys: &[Key]| {
            let choices: Vec<Choice> = keys.iter().map(|key| chooser.on(*key, &course)).collect();
            (chooser.selected.to_string(), *choices.last().unwrap())
        };
        let at = |id: &str| (id.to_owned(), Choice::Open);
        let typed = |text: &str| text.chars().map(Key::Char).collect::<Vec<_>>();
        assert_eq!(press(&[Key::Up]), at("10.1"));
        assert_eq!(press(&[Key::Down, Key::Down, Key::Down]), at("11.2"));
        assert_eq!(press(&[Key::Home]), at("10.1"));
        assert_eq!(press(&typed("11.2")), at("11.2"));
        assert_eq!(press(&typed("99")), at("11.2"), "there is none");
        assert_eq!(press(&typed("10")), at("10.1"));
        assert_eq!(press(&typed("11")), at("11.1"), "a number that fits none begins anew");
        assert_eq!(press(&[Key::Enter]), ("11.1".to_owned(), Choice::Chosen("11.1".parse().unwrap())));
        assert_eq!(press(&[Key::Back]).1, Choice::Closed);
    }
}
