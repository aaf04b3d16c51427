//! Measures the engine against its peers, side by side in one run; what counts is the ratio, not the figure.
//!
//! `just bench bus`, `just bench wire` and `just bench relay` print their tables, and keep them in `benches/RESULTS.md`;
//! `just bench relay sqlite postgres` only prints those parts. `just bench lesson` and `just bench project` keep their own in the book.

mod bus;
mod floor;
mod lesson;
mod measured;
mod peers;
mod relay;
mod report;
mod results;
mod round;
mod server;
mod table;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bus"] => {
            bus::run();
            Ok(())
        }
        ["wire"] => wire::run(),
        ["relay", ref only @ ..] => relay::run(only),
        ["lesson"] => lesson::run(),
        ["project"] => lesson::project(),
        [relay::APPLICATION, database] => {
            relay::application(database);
            Ok(())
        }
        _ => {
            let what = arguments.join(" ");
            eprintln!("\"{what}\": there is no such benchmark; there are: bus, wire, relay, lesson, project");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
