//! The command line of a lesson's claims: what `cargo x schedule 14` calls. Parses and prints.

use std::process::ExitCode;

use super::claims::{Claim, Claims, SCHEDULES};
use crate::journal::say;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    /// The name of the only claim.
    claim: Option<String>,
    /// The only schedule.
    seed: Option<u64>,
    /// How many schedules of each version.
    schedules: u64,
}

impl Claims {
    /// Runs what the arguments ask for and prints it. Fails if a version does not do what is expected of it, or if there is nothing to
    /// run.
    pub(crate) fn play(&self, arguments: impl Iterator<Item = String>) -> ExitCode {
        let wanted = match Wanted::parse(arguments).and_then(|wanted| self.checked(wanted)) {
            Ok(wanted) => wanted,
            Err(complaint) => {
                eprintln!("error: {complaint}");
                return ExitCode::from(2);
            }
        };
        let (mut passed, mut failed) = (0, 0);
        for claim in self.all().iter().filter(|claim| wanted.wants(claim)) {
            let report = match wanted.seed {
                Some(seed) => self.repeated(claim, seed),
                None => self.explored(claim, wanted.schedules),
            };
            say(&report.text);
            (passed, failed) = (passed + report.passed, failed + report.failed);
        }
        match passed + failed {
            0 => say("No version has such a schedule."),
            all => say(format_args!("{passed} of {all} versions do what is expected of them")),
        }
        if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Refuses a claim that this lesson does not make.
    fn checked(&self, wanted: Wanted) -> Result<Wanted, String> {
        if let Some(name) =
            wanted.claim.as_ref().filter(|name| self.all().iter().all(|claim| claim.name != **name))
        {
            let names: Vec<&str> = self.all().iter().map(|claim| claim.name).collect();
            return Err(format!("--claim: there is no `{name}`; the claims are {}", names.join(", ")));
        }
        Ok(wanted)
    }
}

impl Wanted {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wanted = Self { claim: None, seed: None, schedules: SCHEDULES };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--claim" => wanted.claim = Some(value()?),
                "--seed" => wanted.seed = Some(number(&argument, &value()?)?),
                "--schedules" => wanted.schedules = number(&argument, &value()?)?,
                _ => return Err(format!("unexpected argument `{argument}`")),
            }
        }
        if wanted.schedules == 0 {
            return Err("--schedules: at least 1".to_owned());
        }
        Ok(wanted)
    }

    fn wants(&self, claim: &Claim) -> bool {
        self.claim.as_ref().is_none_or(|name| name == claim.name)
    }
}

fn number(option: &str, value: &str) -> Result<u64, String> {
    value.parse().map_err(|_| format!("{option}: `{value}` is not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Wanted, String> {
        let holds = |_: &[crate::Entry]| Ok(());
        let claims = Claims::of_lesson(11).claim(Claim::in_every_schedule("a", "A holds", holds));
        Wanted::parse(line.split_whitespace().map(str::to_owned)).and_then(|wanted| claims.checked(wanted))
    }

    #[test]
    fn the_command_line_is_understood() {
        assert_eq!(parsed(""), Ok(Wanted { claim: None, seed: None, schedules: SCHEDULES }));
        let all = Wanted { claim: Some("a".to_owned()), seed: Some(812), schedules: 5 };
        assert_eq!(parsed("--claim a --seed 812 --schedules 5"), Ok(all));
    }

    #[test]
    fn what_is_wrong_with_it_is_named() {
        assert_eq!(parsed("--claim b").unwrap_err(), "--claim: there is no `b`; the claims are a");
        assert_eq!(parsed("--seed").unwrap_err(), "--seed needs a value");
        assert_eq!(parsed("--seed -1").unwrap_err(), "--seed: `-1` is not a number");
        assert_eq!(parsed("--schedules 0").unwrap_err(), "--schedules: at least 1");
        assert_eq!(parsed("--sede 1").unwrap_err(), "unexpected argument `--sede`");
    }
}
