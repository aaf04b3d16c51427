//! Reads the marked source of an exercise, `answers/solution.rs`: what every version of the file has in common, and the regions
//! in which the versions differ. The learner's file, the solution and every other answer are made from it, so that they cannot
//! drift apart. Does not touch the disk.
//!
//! A region is marked like this; everything outside of regions is copied as it is:
//!
//! ```text
//! //~ begin
//! the solution
//! //~ starter
//! //~| what the learner finds instead, one line each
//! //~|
//! //~ end
//! ```

use std::fmt;

/// A marker that makes no sense, with its line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

/// The source in its parts, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carved(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Common(String),
    Region { solved: String, starter: String },
}

impl Carved {
    /// `Err` for unknown, misplaced, nested or unclosed markers, and when nothing is left to solve.
    pub fn parse(source: &str) -> Result<Carved, Malformed> {
        let mut parts = Vec::new();
        let mut place = Place::Outside;
        for (number, line) in (1..).zip(source.lines()) {
            let malformed = |what| Malformed { line: number, what };
            let marker = Marker::of(line).map_err(malformed)?;
            let (next, kept) = place.step(number, marker, line).map_err(malformed)?;
            if let (Place::Outside, Place::Solution(_)) = (place, next) {
                parts.push(Part::Region { solved: String::new(), starter: String::new() });
            }
            place = next;
            if let Some(kept) = kept {
                add(&mut parts, kept);
            }
        }
        match place {
            Place::Outside if parts.iter().any(Part::is_region) => Ok(Carved(parts)),
            Place::Outside => {
                Err(Malformed { line: 1, what: "no `//~ begin`: nothing is left to solve".to_owned() })
            }
            Place::Solution(begin) | Place::Starter(begin) => {
                Err(Malformed { line: begin, what: "`//~ begin` without its `//~ end`".to_owned() })
            }
        }
    }

    /// How many regions there are to solve.
    pub fn regions(&self) -> usize {
        self.0.iter().filter(|part| part.is_region()).count()
    }

    /// The file that the learner begins with.
    pub fn starter(&self) -> String {
        self.filled(|_, _, starter| starter.to_owned())
    }

    /// The solved file, without markers.
    pub fn solution(&self) -> String {
        self.filled(|_, solved, _| solved.to_owned())
    }

    /// The file with these texts in its regions; `None` stands for the solution's.
    pub fn with(&self, regions: &[Option<String>]) -> String {
        self.filled(|at, solved, _| regions.get(at).cloned().flatten().unwrap_or_else(|| solved.to_owned()))
    }

    fn filled(&self, fill: impl Fn(usize, &str, &str) -> String) -> String {
        let mut at = 0;
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Common(common) => text += common,
                Part::Region { solved, starter } => {
                    text += &fill(at, solved, starter);
                    at += 1;
                }
            }
        }
        text
    }
}

impl Part {
    fn is_region(&self) -> bool {
        matches!(self, Part::Region { .. })
    }
}

/// A line that a part keeps.
enum Kept {
    Common(String),
    Solved(String),
    Starter(String),
}

fn add(parts: &mut Vec<Part>, kept: Kept) {
    match (parts.last_mut(), kept) {
        (Some(Part::Common(text)), Kept::Common(line))
        | (Some(Part::Region { solved: text, .. }), Kept::Solved(line))
        | (Some(Part::Region { starter: text, .. }), Kept::Starter(line)) => {
            text.push_str(&line);
            text.push('\n');
        }
        (_, Kept::Common(line) | Kept::Solved(line) | Kept::Starter(line)) => {
            parts.push(Part::Common(line + "\n"));
        }
    }
}

/// Where the line before stood; a region carries the line of its `//~ begin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Solution(usize),
    Starter(usize),
}

impl Place {
    /// Where we are after `line`, and what is kept of it.
    fn step(self, number: usize, marker: Marker, line: &str) -> Result<(Place, Option<Kept>), String> {
        match (self, marker) {
            (Place::Outside, Marker::Code) => Ok((self, Some(Kept::Common(line.to_owned())))),
            (Place::Outside, Marker::Begin) => Ok((Place::Solution(number), None)),
            (Place::Outside, _) => Err("this marker needs a `//~ begin` before it".to_owned()),
            (Place::Solution(_), Marker::Code) => Ok((self, Some(Kept::Solved(line.to_owned())))),
            (Place::Solution(begin), Marker::Starter) => Ok((Place::Starter(begin), None)),
            (Place::Starter(_), Marker::Line(text)) => Ok((self, Some(Kept::Starter(text)))),
            (Place::Starter(_), Marker::End) => Ok((Place::Outside, None)),
            (Place::Starter(_), Marker::Code) => {
                Err("between `//~ starter` and `//~ end` every line begins with `//~|`".to_owned())
            }
            (Place::Solution(begin), Marker::Line(_) | Marker::End) => {
                Err(format!("the region begun in line {begin} has no `//~ starter` yet"))
            }
            (Place::Solution(begin) | Place::Starter(begin), _) => {
                Err(format!("the region begun in line {begin} is still open here"))
            }
        }
    }
}

/// What a line is. `Line` holds what it puts into the starter.
enum Marker {
    Code,
    Begin,
    Starter,
    Line(String),
    End,
}

impl Marker {
    fn of(line: &str) -> Result<Marker, String> {
        let trimmed = line.trim();
        let indentation = &line[..line.len() - line.trim_start().len()];
        match trimmed {
            "//~ begin" => return Ok(Marker::Begin),
            "//~ starter" => return Ok(Marker::Starter),
            "//~ end" => return Ok(Marker::End),
            "//~|" => return Ok(Marker::Line(String::new())),
            _ => {}
        }
        if let Some(text) = trimmed.strip_prefix("//~| ") {
            return Ok(Marker::Line(format!("{indentation}{text}")));
        }
        if trimmed.starts_with("//~") {
            return Err(format!("unknown marker `{trimmed}`: begin, starter, `//~| text` and end are known"));
        }
        if trimmed.contains("//~") {
            return Err("a marker stands on a line of its own".to_owned());
        }
        Ok(Marker::Code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLUTION: &str = "\
//! Doubles.

pub fn double(n: u32) -> u32 {
    //~ begin
    n * 2
    //~ starter
    //~| // Twice as much.
    //~|
    //~| if n > 0 {
    //~|     n
    //~| } else { 0 }
    //~ end
}
";

    #[test]
    fn a_region_becomes_its_starter_and_the_rest_stays() {
        let expected = "\
//! Doubles.

pub fn double(n: u32) -> u32 {
    // Twice as much.

    if n > 0 {
        n
    } else { 0 }
}
";
        let carved = Carved::parse(SOLUTION).unwrap();
        assert_eq!(carved.starter(), expected);
        assert_eq!(carved.solution(), "//! Doubles.\n\npub fn double(n: u32) -> u32 {\n    n * 2\n}\n");
        let other = carved.with(&[Some("    n + n\n".to_owned())]);
        assert_eq!(other, "//! Doubles.\n\npub fn double(n: u32) -> u32 {\n    n + n\n}\n");
    }

    #[test]
    fn an_empty_starter_only_takes_the_solution_away() {
        let carved = Carved::parse("a\n//~ begin\nb\n//~ starter\n//~ end\nc\n").unwrap();
        assert_eq!(carved.starter(), "a\nc\n");
    }

    #[test]
    fn two_regions_are_carved_each() {
        let text = "//~ begin\nb\n//~ starter\n//~| B\n//~ end\n";
        let carved = Carved::parse(&format!("{text}mid\n{text}")).unwrap();
        assert_eq!((carved.regions(), carved.starter()), (2, "B\nmid\nB\n".to_owned()));
        assert_eq!(carved.with(&[None, Some("x\n".to_owned())]), "b\nmid\nx\n");
    }

    #[track_caller]
    fn malformed(solution: &str, line: usize, part: &str) {
        let error = Carved::parse(solution).unwrap_err();
        assert_eq!(error.line, line, "{error}");
        assert!(error.what.contains(part), "{error}");
    }

    #[test]
    fn malformed_markers_name_their_line() {
        malformed("a\nb\n", 1, "nothing is left to solve");
        malformed("a\n//~ begin\nb\n", 2, "without its `//~ end`");
        malformed("a\n//~ end\n", 2, "needs a `//~ begin`");
        malformed("//~| x\n", 1, "needs a `//~ begin`");
        malformed("//~ begin\n//~ end\n", 2, "has no `//~ starter`");
        malformed("//~ begin\n//~ begin\n", 2, "still open");
        malformed("//~ begin\n//~ starter\ncode\n//~ end\n", 3, "begins with `//~|`");
        malformed("//~ beginn\n", 1, "unknown marker");
        malformed("//~|x\n", 1, "unknown marker");
        malformed("code(); //~ begin\n", 1, "a line of its own");
    }
}
