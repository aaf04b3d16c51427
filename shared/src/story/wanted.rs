//! The command line of a story: what it asks for. Plays nothing.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Real,
    Paused,
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Help,
    List,
    Scenes {
        clock: Clock,
        /// The name of the only scene to play.
        only: Option<String>,
        /// Where the log file goes.
        folder: Option<String>,
    },
}

/// What `--scene` calls the part that writes a file.
pub(super) const FOR_REAL: &str = "for-real";

impl Wanted {
    pub(super) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut clock, mut only, mut folder) = (Clock::Real, None, None);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "-h" | "--help" => return Ok(Self::Help),
                "--list" => return Ok(Self::List),
                "--virtual" => clock = Clock::Paused,
                "--scene" => only = Some(value()?),
                "--log" => folder = Some(value()?),
                _ => return Err(format!("unexpected argument `{argument}`")),
            }
        }
        Ok(Self::Scenes { clock, only, folder })
    }
}
