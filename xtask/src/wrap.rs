//! Fits text into the width of a terminal. Escape codes take no room, and every other character takes one column. Does not
//! decide what is coloured.

/// A character, and the escape codes that are in force for it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cell {
    character: char,
    /// Into [`Styled::styles`].
    style: usize,
}

/// The codes in force.
#[derive(Clone, Default, PartialEq, Eq)]
struct Style {
    colours: String,
    link: String,
}

struct Styled {
    cells: Vec<Cell>,
    styles: Vec<Style>,
}

/// The columns of text that is to be read, where the terminal has more.
pub const PROSE: usize = 100;

const RESET: &str = "\x1b[0m";
const LINK: &str = "\x1b]8;;";
const LINK_END: &str = "\x1b]8;;\x1b\\";
const TAB: usize = 4;

/// The columns that a line takes.
pub fn width(line: &str) -> usize {
    Styled::parse(line).cells.len()
}

/// Breaks a line between words; what is longer than `columns` is broken where it must be. Lines that follow are indented as the
/// first one is, or as its text behind `- `. What would move the cursor is dropped.
pub fn wrap(line: &str, columns: usize) -> Vec<String> {
    let styled = Styled::parse(line);
    let cells = &styled.cells;
    if cells.len() <= columns {
        return vec![styled.text(cells)];
    }
    let is_space = |cell: &Cell| cell.character == ' ';
    let mut indent = cells.iter().take_while(|cell| is_space(cell)).count();
    if cells[indent..].iter().map(|cell| cell.character).take(2).eq("- ".chars()) {
        indent += 2;
    }
    let indent = if indent * 2 > columns { 0 } else { indent };
    let (mut lines, mut rest) = (Vec::new(), cells.as_slice());
    let mut before = 0;
    while rest.len() > columns - before {
        let room = columns - before;
        let skip = if before == 0 { indent } else { 0 };
        let space = (skip + 1..=room).rev().find(|&at| is_space(&rest[at]));
        let (first, others) = rest.split_at(space.unwrap_or(room.max(1)));
        lines.push(" ".repeat(before) + &styled.text(first));
        rest = &others[others.iter().take_while(|cell| is_space(cell)).count()..];
        before = indent;
    }
    if !rest.is_empty() {
        lines.push(" ".repeat(before) + &styled.text(rest));
    }
    lines
}

/// Shortens a line, with a mark where something is missing.
pub fn cut(line: &str, columns: usize) -> String {
    let styled = Styled::parse(line);
    if styled.cells.len() <= columns {
        return styled.text(&styled.cells);
    }
    styled.text(&styled.cells[..columns.saturating_sub(1)]) + if columns == 0 { "" } else { "…" }
}

impl Styled {
    fn parse(line: &str) -> Styled {
        let mut styled = Styled { cells: Vec::new(), styles: vec![Style::default()] };
        let mut rest = line;
        while let Some(character) = rest.chars().next() {
            if let Some((code, behind)) = escape(rest) {
                styled.apply(code);
                rest = behind;
                continue;
            }
            rest = &rest[character.len_utf8()..];
            let style = styled.styles.len() - 1;
            match character {
                '\t' => {
                    let to = TAB - styled.cells.len() % TAB;
                    styled.cells.extend([Cell { character: ' ', style }].repeat(to));
                }
                _ if character.is_control() => {}
                _ => styled.cells.push(Cell { character, style }),
            }
        }
        styled
    }

    fn apply(&mut self, code: &str) {
        let mut style = self.styles.last().cloned().unwrap_or_default();
        if let Some(target) = code.strip_prefix(LINK) {
            let is_end = target.starts_with(['\x1b', '\x07']);
            style.link = if is_end { String::new() } else { code.to_owned() };
        } else if code == RESET || code == "\x1b[m" {
            style.colours.clear();
        } else if code.ends_with('m') {
            style.colours += code;
        }
        self.styles.push(style);
    }

    /// These cells with their codes, all of which end with the text.
    fn text(&self, cells: &[Cell]) -> String {
        let (mut text, mut now) = (String::new(), &self.styles[0]);
        for cell in cells {
            let style = &self.styles[cell.style];
            text += &change(now, style);
            text.push(cell.character);
            now = style;
        }
        text + &change(now, &self.styles[0])
    }
}

fn change(from: &Style, to: &Style) -> String {
    let mut codes = String::new();
    if from.link != to.link {
        codes += if to.link.is_empty() { LINK_END } else { &to.link };
    }
    if from.colours != to.colours {
        codes += if from.colours.is_empty() { "" } else { RESET };
        codes += &to.colours;
    }
    codes
}

/// An escape code at the beginning: `ESC [ … letter`, or `ESC ] …` up to `ESC \` or a bell; and what is behind it.
fn escape(text: &str) -> Option<(&str, &str)> {
    let end = if let Some(behind) = text.strip_prefix("\x1b[") {
        2 + behind.find(|c: char| ('@'..='~').contains(&c))? + 1
    } else {
        let behind = text.strip_prefix("\x1b]")?;
        let end = behind.find(['\x1b', '\x07'])?;
        2 + end + if behind[end..].starts_with("\x1b\\") { 2 } else { 1 }
    };
    Some(text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Paint;

    #[test]
    fn lines_break_between_words_and_keep_their_indentation() {
        assert_eq!(wrap("one two three", 20), ["one two three"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("  - one two three", 9), ["  - one", "    two", "    three"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn colours_and_links_go_on_behind_a_break() {
        assert_eq!(wrap(&Paint::Ansi.red("one two"), 4), ["\x1b[31mone\x1b[0m", "\x1b[31mtwo\x1b[0m"]);
        let link = "\x1b]8;;file:///a\x1b\\";
        let broken = [format!("{link}abcd{LINK_END}"), format!("{link}ef{LINK_END}")];
        assert_eq!(wrap(&format!("{link}abcdef{LINK_END}"), 4), broken);
        assert_eq!(width(&format!("{link}abcdef{LINK_END}")), 6);
    }

    #[test]
    fn what_would_move_the_cursor_is_dropped() {
        assert_eq!(wrap("a\tb\r\x1b[2J\u{7}c", 80), ["a   bc"]);
        assert_eq!(wrap("\x1b]0;title\x1b\\x", 80), ["x"]);
        assert_eq!(wrap("\x1b]0;title\x07x", 80), ["x"]);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut(&Paint::Ansi.red("abcdefg"), 4), "\x1b[31mabc\x1b[0m…");
    }
}
