//! Measures the engine against its peers, side by side in one run; what counts is the ratio, not the figure.
//!
//! `just bench bus` prints the table, and keeps it in `benches/RESULTS.md`.

mod bus;
mod peers;
mod report;
mod results;
mod round;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("bus") => bus::run(),
        other => {
            eprintln!("{}: there is no such benchmark; there is: bus", other.unwrap_or("nothing"));
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
