//! What the static SVGs of the book have in common: no script, no font to fetch, light and dark, the story as text for those
//! who cannot see it. The tests that draw the map of the course and pictures of the capstone build this file, too: they depend
//! on nothing of the lessons.

use std::fmt::Write;

/// The width of a drawing. It is that of a phone, and the text keeps a readable size there.
pub(crate) const WIDTH: usize = 440;
pub(crate) const PAD: usize = 14;
pub(crate) const LINE: usize = 19;
/// The average character of the widest of the fonts below, in tenths of a pixel. Text is wrapped by it, so that
/// nothing is cut off.
pub(crate) const CHAR_TENTHS: usize = 70;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif;font-size:12.5px;fill:#1f2328}\
.panel{fill:#fff;stroke:#d1d9e0}.rule{stroke:#d1d9e0}.soft{fill:#59636e}.task{font-weight:600}\
.n{fill:#fff;font-size:11px;font-weight:600;text-anchor:middle}\
.c0{fill:#0969da;stroke:#0969da}.c1{fill:#bc4c00;stroke:#bc4c00}.c2{fill:#1a7f37;stroke:#1a7f37}\
.c3{fill:#8250df;stroke:#8250df}.c4{fill:#bf3989;stroke:#bf3989}.c5{fill:#57606a;stroke:#57606a}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.panel{fill:#151b23;stroke:#3d444d}\
.rule{stroke:#3d444d}.soft{fill:#9198a1}.n{fill:#fff}}";

/// A drawing with its title, and with its story in words.
pub(crate) fn document(name: &str, title: &str, story: &str, body: &str, height: usize) -> String {
    let (title, story) = (escape(title), escape(story));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"{name}-title {name}-desc\">\n\
         <title id=\"{name}-title\">{title}</title>\n<desc id=\"{name}-desc\">{story}</desc>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"panel\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n{body}</svg>\n",
        WIDTH - 1,
        height - 1,
    )
}

pub(crate) fn draw_number(body: &mut String, colour: usize, x: usize, y: usize, number: usize) {
    let _ = writeln!(
        body,
        "<circle class=\"c{colour}\" cx=\"{x}\" cy=\"{y}\" r=\"9\"/><text class=\"n\" x=\"{x}\" y=\"{}\">{number}</text>",
        y + 4
    );
}

/// Who, in bold, and what, wrapped; returns where it ends.
pub(crate) fn draw_words(body: &mut String, x: usize, mut y: usize, who: &str, what: &str) -> usize {
    let room = (WIDTH - PAD - x) * 10 / CHAR_TENTHS;
    for (at, line) in wrap(&format!("{who}: {what}"), room).iter().enumerate() {
        let line = match line.strip_prefix(who).filter(|_| at == 0) {
            Some(rest) => format!("<tspan class=\"task\">{}</tspan>{}", escape(who), escape(rest)),
            None => escape(line),
        };
        let _ = writeln!(body, "<text x=\"{x}\" y=\"{}\">{line}</text>", y + 15);
        y += LINE;
    }
    y
}

/// Breaks at spaces into lines of at most `room` characters; a longer word gets a line of its own.
fn wrap(words: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
