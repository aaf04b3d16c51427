//! The one way to the standard output. A reader who has gone (`| head`) ends the program quietly; a full disk ends it with an
//! error. `println!` would panic on both.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process;

use crate::wrap::wrap;

/// Prints a line.
pub fn say(line: impl Display) {
    write(&format!("{line}\n"));
}

/// Prints what has its line ends already.
pub fn write(text: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        if error.kind() == ErrorKind::BrokenPipe {
            process::exit(0);
        }
        eprintln!("error: cannot write to the standard output: {error}");
        process::exit(1);
    }
}

/// The width of the terminal that reads it, if one does.
pub fn columns() -> Option<u16> {
    let size = io::stdout().is_terminal().then(crossterm::terminal::size)?;
    size.ok().map(|(columns, _)| columns).filter(|&columns| columns > 0)
}

/// Breaks lines between words for the terminal that reads them, if one does.
pub fn fitted(text: &str) -> String {
    match columns() {
        Some(columns) => {
            text.split('\n').flat_map(|line| wrap(line, columns.into())).collect::<Vec<_>>().join("\n")
        }
        None => text.to_owned(),
    }
}
