//! The command line: lists the patterns, or plays one, or all, on the real clock or on the paused one.

use std::io::{Write, stdout};
use std::process::{self, ExitCode};

use shared::{HOUR, Journal, Timeline};
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::catalogue::{CATALOGUE, Pattern};
use crate::show;
use crate::story::{CHECKOUT, PATTERNS, Play};

/// Which clock a pattern is played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Real,
    Paused,
}

/// What the command line asks for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    Help,
    List,
    Trees,
    One(&'static Pattern, Clock),
    /// The chapter's program, wrong or right, by its title.
    Checkout(&'static str, Play, Clock),
    All(Clock),
}

/// What `main` does.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    match understand(arguments) {
        Ok(Wanted::Help) => say(show::USAGE),
        Ok(Wanted::List) => say(&show::list(&CATALOGUE)),
        Ok(Wanted::Trees) => say(&show::trees(&CATALOGUE)),
        Ok(Wanted::One(pattern, clock)) => show_pattern(pattern, clock),
        Ok(Wanted::Checkout(title, play, clock)) => show_story(title, play, clock),
        Ok(Wanted::All(clock)) => CATALOGUE.patterns.iter().for_each(|pattern| show_pattern(pattern, clock)),
        Err(complaint) => {
            eprintln!("error: {complaint}\n\n{}", show::USAGE);
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// # Errors
/// What is wrong with an argument.
pub fn understand(arguments: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let (mut name, mut all, mut clock) = (None, false, Clock::Real);
    for argument in arguments {
        match argument.as_str() {
            "-h" | "--help" => return Ok(Wanted::Help),
            "--list" => return Ok(Wanted::List),
            "--trees" => return Ok(Wanted::Trees),
            "--all" => all = true,
            "--virtual" => clock = Clock::Paused,
            "--scene" => {} // as in the other lessons; the name follows
            option if option.starts_with('-') => return Err(format!("unexpected argument `{option}`")),
            _ => name = Some(argument),
        }
    }
    let Some(name) = name else {
        return Ok(if all || clock == Clock::Paused { Wanted::All(clock) } else { Wanted::List });
    };
    if let Some((_, title, play)) = CHECKOUT.into_iter().find(|(known, ..)| *known == name) {
        return Ok(Wanted::Checkout(title, play, clock));
    }
    let pattern =
        CATALOGUE.find(&name).ok_or_else(|| format!("there is no pattern `{name}`; --list names all"))?;
    Ok(Wanted::One(pattern, clock))
}

/// Prints what is said about a pattern, with its story in the middle.
fn show_pattern(pattern: &Pattern, clock: Clock) {
    say(&show::heading(pattern));
    show_story(&pattern.title, player(&pattern.name), clock);
    say(&show::judgement(&CATALOGUE, pattern));
}

/// Prints each event as it happens, if the clock is real, and then the timeline.
fn show_story(title: &str, play: Play, clock: Clock) {
    if clock == Clock::Real {
        perform(play, Clock::Real);
        say("\nThe same on the paused clock:\n");
    }
    say(&Timeline::new(title, &perform(play, Clock::Paused)).text());
}

/// What plays the pattern of this name.
///
/// # Panics
/// There is no such pattern.
pub fn player(name: &str) -> Play {
    PATTERNS.iter().find(|(known, _)| *known == name).expect("every pattern is in the table").1
}

/// Plays it, and returns what happened.
///
/// # Panics
/// None of its tasks can make progress.
pub fn perform(play: Play, clock: Clock) -> Journal {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(clock == Clock::Paused).build();
    runtime.expect("a runtime starts").block_on(async {
        let journal = if clock == Clock::Paused { Journal::new() } else { Journal::printing() };
        timeout(HOUR, play(journal.clone())).await.expect("no task can make progress");
        journal
    })
}

/// Ends the program when nobody reads any more, as behind `| head`.
fn say(text: &str) {
    if writeln!(stdout(), "{text}").is_err() {
        process::exit(0);
    }
}
