//! Colours and links, when a terminal wants them: none into a pipe, none with `NO_COLOR`, none on a terminal that knows no
//! escape codes. Does not measure or wrap text.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;

/// How text is decorated. Pass it down; do not ask the terminal twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Ansi,
    Plain,
}

impl Paint {
    pub fn for_stdout() -> Paint {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let able = std::io::stdout().is_terminal() && !is_dumb();
        if wanted && able { Paint::Ansi } else { Paint::Plain }
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

    /// What a terminal opens when it is clicked; `path` is absolute.
    pub fn link(self, text: impl AsRef<str>, path: &Path) -> String {
        match self {
            Paint::Ansi => format!("\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\", uri(path), text.as_ref()),
            Paint::Plain => text.as_ref().to_owned(),
        }
    }

    fn with(self, code: &str, text: &str) -> String {
        match self {
            Paint::Ansi if !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            Paint::Ansi | Paint::Plain => text.to_owned(),
        }
    }
}

/// A terminal that moves no cursor, as inside an editor.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// `file:///books/my%20course`, or `file:///C:/course`.
fn uri(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let mut uri = "file://".to_owned() + if path.starts_with('/') { "" } else { "/" };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/:-._~".contains(&byte) {
            uri.push(byte.into());
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_the_file_whatever_its_path() {
        let path = Path::new("/books/my course/ä.rs");
        let link = "\x1b]8;;file:///books/my%20course/%C3%A4.rs\x1b\\ä.rs:3\x1b]8;;\x1b\\";
        assert_eq!(Paint::Ansi.link("ä.rs:3", path), link);
        assert_eq!(Paint::Plain.link("ä.rs:3", path), "ä.rs:3");
        assert_eq!(uri(Path::new("C:\\course")), "file:///C:/course");
    }

    #[test]
    fn plain_adds_nothing() {
        assert_eq!(Paint::Plain.green("done"), "done");
        assert_eq!(Paint::Ansi.green("done"), "\x1b[32mdone\x1b[0m");
    }
}
