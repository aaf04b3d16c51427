//! Where the learner stands among all exercises. Does not find that out: [`Study`](crate::learn::Study) does.

use crate::course::ExerciseId;
use crate::paint::Paint;
use crate::progress::State;

/// In characters.
const BAR: usize = 24;

/// How far the learner is with each exercise, looked up once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    states: Vec<(ExerciseId, State)>,
}

impl Standing {
    pub(super) fn of(states: impl Iterator<Item = (ExerciseId, State)>) -> Standing {
        Standing { states: states.collect() }
    }

    /// There are no exercises.
    pub(super) fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    pub(super) fn state(&self, id: ExerciseId) -> State {
        self.states.iter().find(|(other, _)| *other == id).map_or(State::Open, |(_, state)| *state)
    }

    /// The first exercise that was never solved, else the first that changed since.
    pub(super) fn next(&self) -> Option<ExerciseId> {
        let open = self.states.iter().find(|(_, state)| *state == State::Open);
        open.or_else(|| self.states.iter().find(|(_, state)| *state != State::Solved)).map(|(id, _)| *id)
    }

    /// `████░░░░  3 of 70 solved`
    pub(super) fn bar(&self, paint: Paint) -> String {
        let all = self.states.len();
        let solved = self.states.iter().filter(|(_, state)| *state != State::Open).count();
        let full = solved * BAR / all.max(1);
        let (done, left) = ("█".repeat(full), "░".repeat(BAR - full));
        format!("{}{}  {solved} of {all} solved", paint.green(done), paint.dim(left))
    }
}
