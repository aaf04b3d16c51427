//! Colours, when a terminal wants them: none into a pipe, none with `NO_COLOR`. Does not measure or wrap text.

use std::io::IsTerminal;

/// How text is decorated. Pass it down; do not ask the terminal twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Ansi,
    Plain,
}

impl Paint {
    pub fn for_stdout() -> Paint {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if wanted && std::io::stdout().is_terminal() { Paint::Ansi } else { Paint::Plain }
    }

    pub fn bold(self, text: impl AsRef<str>) -> String {
        self.with("1", text.as_ref())
    }

    pub fn dim(self, text: impl AsRef<str>) -> String {
        self.with("2", text.as_ref())
    }

    pub fn green(self, text: impl AsRef<str>) -> String {
        self.with("32", text.as_ref())
    }

    pub fn yellow(self, text: impl AsRef<str>) -> String {
        self.with("33", text.as_ref())
    }

    pub fn red(self, text: impl AsRef<str>) -> String {
        self.with("31", text.as_ref())
    }

    pub fn cyan(self, text: impl AsRef<str>) -> String {
        self.with("36", text.as_ref())
    }

    fn with(self, code: &str, text: &str) -> String {
        match self {
            Paint::Ansi if !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            Paint::Ansi | Paint::Plain => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_adds_nothing() {
        assert_eq!(Paint::Plain.green("done"), "done");
        assert_eq!(Paint::Ansi.green("done"), "\x1b[32mdone\x1b[0m");
    }
}
