//! Draws boxes and the numbered arrows between them as a static SVG, in the style of the timelines: no script, no font to
//! fetch, light and dark, the story as text for those who cannot see it.

use std::fmt::Write;

use self::svg::{CHAR_TENTHS, LINE, PAD, WIDTH, document, draw_number, draw_words, escape};

#[path = "../../../../../shared/src/svg.rs"]
mod svg;

const GAP: usize = 18;
/// Between two rows of boxes.
const FALL: usize = 46;

pub(super) struct Picture<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    /// From top to bottom, each from left to right.
    pub(super) rows: &'a [&'a [Part<'a>]],
    /// In the order of their numbers.
    pub(super) arrows: &'a [Arrow<'a>],
    /// Neighbours in one row that talk to each other.
    pub(super) talks: &'a [(&'a str, &'a str)],
}

/// A box.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) lines: &'a [&'a str],
}

/// From a part to one in the row below or above.
pub(super) struct Arrow<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) what: &'a str,
}

/// Where a part is drawn.
struct Place<'a> {
    part: &'a Part<'a>,
    colour: usize,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl Picture<'_> {
    pub(super) fn svg(&self) -> String {
        let places = self.places();
        let mut body = String::new();
        for place in &places {
            place.draw(&mut body);
        }
        for (one, other) in self.talks {
            draw_talk(&mut body, find(&places, one), find(&places, other));
        }
        let below = places.iter().map(|place| place.top + place.height).max().unwrap_or(0);
        let mut y = below + PAD;
        for (number, arrow) in (1..).zip(self.arrows) {
            let (from, to) = (find(&places, arrow.from), find(&places, arrow.to));
            draw_arrow(&mut body, number, from, to);
            y = draw_meaning(&mut body, number, from, arrow, y);
        }
        let height = y + PAD - 4;
        document(self.name, self.title, &self.story(), &body, height)
    }

    /// The picture in words.
    fn story(&self) -> String {
        let steps = (1..).zip(self.arrows);
        let steps =
            steps.map(|(number, Arrow { from, to, what })| format!("{number}. From {from} to {to}: {what}."));
        steps.collect::<Vec<_>>().join(" ")
    }

    fn places(&self) -> Vec<Place<'_>> {
        let (mut top, mut colour, mut places) = (PAD, 0, Vec::new());
        for row in self.rows {
            let width = (WIDTH - 2 * PAD - (row.len() - 1) * GAP) / row.len();
            let lines = row.iter().map(|part| part.lines.len()).max().unwrap_or(0);
            let height = 30 + lines * LINE;
            for (at, part) in row.iter().enumerate() {
                places.push(Place {
                    part,
                    colour: colour % 6,
                    left: PAD + at * (width + GAP),
                    top,
                    width,
                    height,
                });
                colour += 1;
            }
            top += height + FALL;
        }
        places
    }
}

impl Place<'_> {
    fn draw(&self, body: &mut String) {
        let Self { part, colour, left, top, width, height } = self;
        let _ = writeln!(
            body,
            "<rect class=\"c{colour}\" style=\"fill:none\" stroke-width=\"1.5\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>"
        );
        let (x, mut y) = (left + 10, top + 20);
        let _ = writeln!(body, "<text class=\"task\" x=\"{x}\" y=\"{y}\">{}</text>", escape(part.name));
        for line in part.lines {
            y += LINE;
            let room = (width - 20) * 10 / CHAR_TENTHS;
            assert!(line.chars().count() <= room, "{line:?} has more than {room} characters");
            let _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\">{}</text>", escape(line));
        }
    }
}

fn find<'a>(places: &'a [Place<'a>], name: &str) -> &'a Place<'a> {
    places.iter().find(|place| place.part.name == name).unwrap_or_else(|| panic!("there is no {name}"))
}

/// Straight down on the left of what both have in common, or straight up on the right of it.
fn draw_arrow(body: &mut String, number: usize, from: &Place<'_>, to: &Place<'_>) {
    let left = from.left.max(to.left);
    let width = (from.left + from.width).min(to.left + to.width) - left;
    let is_down = from.top < to.top;
    let x = left + if is_down { width / 4 } else { width * 3 / 4 };
    let (upper, lower) = if is_down { (from, to) } else { (to, from) };
    let (top, bottom) = (upper.top + upper.height, lower.top);
    let colour = from.colour;
    let head = if is_down {
        format!("M{} {}L{x} {bottom}L{} {}Z", x - 5, bottom - 9, x + 5, bottom - 9)
    } else {
        format!("M{} {}L{x} {top}L{} {}Z", x - 5, top + 9, x + 5, top + 9)
    };
    let _ = writeln!(
        body,
        "<path class=\"c{colour}\" stroke-width=\"2\" d=\"M{x} {}V{}\"/>",
        top + 1,
        bottom - 1
    );
    let _ = writeln!(body, "<path class=\"c{colour}\" d=\"{head}\"/>");
    draw_number(body, colour, x, usize::midpoint(top, bottom), number);
}

fn draw_talk(body: &mut String, one: &Place<'_>, other: &Place<'_>) {
    let (left, right, y) = (one.left + one.width, other.left, one.top + one.height / 2);
    let colour = other.colour;
    let _ = writeln!(
        body,
        "<path class=\"c{colour}\" d=\"M{left} {y}l6 -5v10ZM{right} {y}l-6 -5v10ZM{left} {y}H{right}\"/>"
    );
}

/// What the number means; returns where the next one may be.
fn draw_meaning(
    body: &mut String,
    number: usize,
    from: &Place<'_>,
    arrow: &Arrow<'_>,
    mut y: usize,
) -> usize {
    let _ = writeln!(body, "<path class=\"rule\" d=\"M{PAD} {y}.5H{}\"/>", WIDTH - PAD);
    y += 3;
    draw_number(body, from.colour, PAD + 11, y + 10, number);
    draw_words(body, PAD + 28, y, arrow.from, arrow.what) + 4
}
