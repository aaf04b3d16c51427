//! The choices of one run: where it could go on in several ways, which way it went. Does not know what is chosen.

use std::cell::RefCell;

/// Who decides, in the run of this thread.
#[derive(Debug)]
pub(crate) enum Choices {
    /// A generator that begins with the seed; seed 0 always takes the first option, as an ordinary run does.
    Seeded { seed: u64, state: u64 },
    /// Takes the options of `path`, then the first ones, and keeps what it has met.
    Walking { path: Vec<Choice>, at: usize },
}

/// An option that was taken, of so many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    taken: usize,
    of: usize,
}

thread_local! {
    static CURRENT: RefCell<Option<Choices>> = const { RefCell::new(None) };
}

/// One of `options`, by number. Outside of an exploration always the first.
pub(crate) fn choose(options: usize) -> usize {
    CURRENT.with_borrow_mut(|current| match current {
        Some(choices) if options > 1 => choices.next(options),
        _ => 0,
    })
}

/// Whether a seed decides, in the run of this thread.
pub(crate) fn is_seeded() -> bool {
    CURRENT.with_borrow(|current| matches!(current, Some(Choices::Seeded { .. })))
}

/// Lets `choices` decide while `run` runs. Returns them as they are then.
pub(crate) fn deciding<T>(choices: Choices, run: impl FnOnce() -> T) -> (T, Choices) {
    CURRENT.set(Some(choices));
    let result = run();
    (result, CURRENT.take().expect("nothing else takes them"))
}

impl Choices {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self::Seeded { seed, state: seed }
    }

    /// The first of all paths.
    pub(crate) fn walking() -> Self {
        Self::Walking { path: Vec::new(), at: 0 }
    }

    /// The path behind the one that was walked: the last choice that has another option takes it. `None` behind the last path.
    pub(crate) fn next_path(self) -> Option<Self> {
        let Self::Walking { mut path, .. } = self else { return None };
        while let Some(Choice { taken, of }) = path.pop() {
            if taken + 1 < of {
                path.push(Choice { taken: taken + 1, of });
                return Some(Self::Walking { path, at: 0 });
            }
        }
        None
    }

    fn next(&mut self, of: usize) -> usize {
        match self {
            Self::Seeded { seed: 0, .. } => 0,
            Self::Seeded { state, .. } => {
                usize::try_from(split_mix(state) % of as u64).expect("less than `of`")
            }
            Self::Walking { path, at } => {
                if *at == path.len() {
                    path.push(Choice { taken: 0, of });
                }
                let choice = path[*at];
                assert!(choice.of == of, "a run with the same choices must go the same way");
                *at += 1;
                choice.taken
            }
        }
    }
}

/// SplitMix64, by Steele, Lea and Flood: every seed gives another sequence, also those that are close to each other.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
