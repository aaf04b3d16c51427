//! Measures the engine against its peers, side by side in one run; what counts is the ratio, not the figure.
//!
//! `just bench bus` and `just bench wire` print their tables, and keep them in `benches/RESULTS.md`.

mod bus;
mod floor;
mod peers;
mod report;
mod results;
mod round;
mod table;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some("bus") => {
            bus::run();
            Ok(())
        }
        Some("wire") => wire::run(),
        other => {
            eprintln!("{}: there is no such benchmark; there are: bus, wire", other.unwrap_or("nothing"));
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
