//! Carves the learner's file out of the solution, so that the two cannot drift. Does not touch the disk.
//!
//! In the solution a region is marked so; what stands outside of regions is copied as it is:
//!
//! ```text
//! //~ begin
//! the solution
//! //~ starter
//! //~| what the learner finds instead, a line each
//! //~|
//! //~ end
//! ```

use std::fmt;

/// A marker that makes no sense, with the line (from 1) that it stands on.
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

/// The starter of a solution. `Err` for unknown, misplaced, nested or unclosed markers, and when nothing is left to solve.
pub fn carve(solution: &str) -> Result<String, Malformed> {
    let mut starter = String::new();
    let mut place = Place::Outside;
    let mut regions = 0;
    for (number, line) in (1..).zip(solution.lines()) {
        let marker = Marker::of(line).map_err(|what| Malformed { line: number, what })?;
        let (next, emitted) =
            place.step(number, marker, line).map_err(|what| Malformed { line: number, what })?;
        regions += usize::from(next == Place::Outside && place != Place::Outside);
        place = next;
        if let Some(text) = emitted {
            starter.push_str(&text);
            starter.push('\n');
        }
    }
    match place {
        Place::Outside if regions > 0 => Ok(starter),
        Place::Outside => {
            Err(Malformed { line: 1, what: "no `//~ begin`: nothing is left to solve".to_owned() })
        }
        Place::Solution(begin) | Place::Starter(begin) => {
            Err(Malformed { line: begin, what: "`//~ begin` without its `//~ end`".to_owned() })
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
    /// Where we are after `line`, and what it puts into the starter.
    fn step(self, number: usize, marker: Marker, line: &str) -> Result<(Place, Option<String>), String> {
        match (self, marker) {
            (Place::Outside, Marker::Code) => Ok((self, Some(line.to_owned()))),
            (Place::Outside, Marker::Begin) => Ok((Place::Solution(number), None)),
            (Place::Outside, _) => Err("this marker needs a `//~ begin` before it".to_owned()),
            (Place::Solution(_), Marker::Code) => Ok((self, None)),
            (Place::Solution(begin), Marker::Starter) => Ok((Place::Starter(begin), None)),
            (Place::Starter(_), Marker::Line(text)) => Ok((self, Some(text))),
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
        assert_eq!(carve(SOLUTION).unwrap(), expected);
    }

    #[test]
    fn an_empty_starter_only_takes_the_solution_away() {
        assert_eq!(carve("a\n//~ begin\nb\n//~ starter\n//~ end\nc\n").unwrap(), "a\nc\n");
    }

    #[test]
    fn two_regions_are_carved_each() {
        let text = "//~ begin\nb\n//~ starter\n//~| B\n//~ end\n";
        assert_eq!(carve(&format!("{text}mid\n{text}")).unwrap(), "B\nmid\nB\n");
    }

    #[track_caller]
    fn malformed(solution: &str, line: usize, part: &str) {
        let error = carve(solution).unwrap_err();
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
