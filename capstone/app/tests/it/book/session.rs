//! A session: commands and what they print, as the book shows them.
//!
//! ```text
//! # needs: postgres             a comment; these are not shown. What is missing is said, and the session skipped
//! # ANCHOR: status
//! $ capstone status \           a command, and what it prints, standard error included. It must end with 0
//! > --db sqlite:shop.db         its next line
//! pending 0
//! # ANCHOR_END: status
//! server$ capstone serve        in a terminal of its own, where it goes on
//! server^C                      Ctrl-C there, and what it prints before it has ended
//! server|                       the same, but it ends by itself. An anchor behind it begins in front of what it prints
//! # numbers vary                those of the next step are not compared
//! # quiet                       the next step prints what nobody wants to read
//! # until                       the next command is repeated until it prints what stands here
//! ```

use super::mask::masked;

/// The steps, and the comments before the first one.
pub(super) struct Session {
    head: Vec<String>,
    pub(super) steps: Vec<Step>,
}

pub(super) struct Step {
    pub(super) action: Action,
    /// Its lines as they stand there.
    pub(super) prompt: Vec<String>,
    /// Comments between these and the output.
    above: Vec<String>,
    pub(super) output: String,
    /// What it printed instead.
    pub(super) printed: Option<String>,
    /// Empty lines and comments behind the output.
    below: Vec<String>,
    pub(super) numbers_vary: bool,
    pub(super) quiet: bool,
    pub(super) until: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Run(String),
    /// In the terminal of this name.
    Start(String, String),
    Interrupt(String),
    Await(String),
}

impl Session {
    pub(super) fn parse(text: &str) -> Self {
        let mut session = Self { head: Vec::new(), steps: Vec::new() };
        for line in text.lines() {
            if let Some(action) = Action::parse(line) {
                let comments = session.steps.last().map_or(&session.head, |step| &step.below);
                let step = Step::new(action, line, comments);
                session.steps.push(step);
            } else if let Some(step) = session.steps.last_mut() {
                step.line(line);
            } else {
                session.head.push(line.to_owned());
            }
        }
        session
    }

    /// What the session's comments say that it needs.
    pub(super) fn needs(&self) -> impl Iterator<Item = &str> {
        let lines = self.head.iter().filter_map(|line| line.strip_prefix("# needs: "));
        lines.flat_map(|names| names.split(", "))
    }

    /// The session with what was printed in place of what was expected.
    pub(super) fn text(&self) -> String {
        let mut lines: Vec<&str> = self.head.iter().map(String::as_str).collect();
        for step in &self.steps {
            lines.extend(step.prompt.iter().chain(&step.above).map(String::as_str));
            lines.extend(step.printed.as_ref().unwrap_or(&step.output).lines());
            lines.extend(step.below.iter().map(String::as_str));
        }
        lines.join("\n") + "\n"
    }
}

impl Action {
    fn parse(line: &str) -> Option<Self> {
        let name = |name: &str| {
            let good = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
            good.then(|| name.to_owned())
        };
        if let Some(command) = line.strip_prefix("$ ") {
            return Some(Self::Run(command.to_owned()));
        }
        if let Some((terminal, command)) = line.split_once("$ ") {
            return Some(Self::Start(name(terminal)?, command.to_owned()));
        }
        if let Some(terminal) = line.strip_suffix("^C") {
            return Some(Self::Interrupt(name(terminal)?));
        }
        line.strip_suffix('|').and_then(name).map(Self::Await)
    }
}

impl Step {
    pub(super) fn expects(&self, printed: &str) -> bool {
        let masked = |text| masked(text, self.numbers_vary);
        masked(&self.output) == masked(printed)
    }

    fn new(action: Action, line: &str, comments: &[String]) -> Self {
        let said = |words: &str| comments.iter().any(|line| line == words);
        Self {
            action,
            prompt: vec![line.to_owned()],
            above: Vec::new(),
            output: String::new(),
            printed: None,
            below: Vec::new(),
            numbers_vary: said("# numbers vary"),
            quiet: said("# quiet"),
            until: said("# until"),
        }
    }

    fn line(&mut self, line: &str) {
        let printed_nothing = self.output.is_empty() && self.below.is_empty();
        if let Some(more) = line.strip_prefix("> ").filter(|_| printed_nothing && self.above.is_empty()) {
            self.prompt.push(line.to_owned());
            if let Action::Run(command) | Action::Start(_, command) = &mut self.action {
                *command += "\n";
                *command += more;
            }
        } else if matches!(self.action, Action::Await(_)) && printed_nothing && line.starts_with("# ANCHOR: ")
        {
            self.above.push(line.to_owned());
        } else if line.is_empty() || line.starts_with("# ") {
            self.below.push(line.to_owned());
        } else {
            // What was taken for the end was not.
            for line in self.below.drain(..) {
                self.output += &(line + "\n");
            }
            self.output += line;
            self.output += "\n";
        }
    }
}

#[test]
fn a_session_is_written_as_it_was_read() {
    let text = "# needs: postgres, psycopg2\n# ANCHOR: a\n$ echo a \\\n> b\na b\n\n  c\n\n# ANCHOR_END: a\nserver$ capstone serve\n\
        # numbers vary\nserver^C\nother|\n# ANCHOR: b\n1\n# ANCHOR_END: b\n";
    let session = Session::parse(text);
    assert_eq!(session.text(), text);
    assert_eq!(session.needs().collect::<Vec<_>>(), ["postgres", "psycopg2"]);
    let [run, start, interrupt, wait] = &session.steps[..] else { panic!("four steps") };
    assert_eq!(run.action, Action::Run("echo a \\\nb".into()));
    assert_eq!(run.output, "a b\n\n  c\n");
    assert_eq!(start.action, Action::Start("server".into(), "capstone serve".into()));
    assert_eq!(interrupt.action, Action::Interrupt("server".into()));
    assert_eq!((interrupt.numbers_vary, wait.numbers_vary), (true, false));
    assert_eq!((&wait.action, &*wait.output), (&Action::Await("other".into()), "1\n"));
}
