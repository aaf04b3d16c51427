//! The script of the book that steps through timelines, in a browser where there is one: on a page with a timeline as the chapters
//! have it, and one without.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use xtask::limited::{self, End};
use xtask::say::say;
use xtask::text;
use xtask::tools;

/// Plays a reader and writes into the page's title, a line for each look.
const READER: &str = r"
    const [group, code] = [document.querySelector('.steps'), document.querySelector('code')];
    const [back, forward, whole] = group.querySelectorAll('button');
    const lines = [];
    const look = (did) => {
        const marked = (kind) => [...code.querySelectorAll(kind)].map((span) => span.textContent).join('|');
        const later = [...code.querySelectorAll('.event.later')].map((span) => span.dataset.event);
        lines.push(`${did}: ${group.querySelector('output').textContent}; now ${marked('.now')}; later ${[...new Set(later)]}`);
    };
    const press = (key) => {
        const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
        forward.dispatchEvent(event);
        return event.defaultPrevented;
    };
    let turned = 0;
    document.addEventListener('keydown', () => turned += 1);
    look('at first');
    forward.click(); look('forward');
    press('ArrowRight'); press('ArrowRight'); look('right twice');
    back.click(); look('back');
    press('End'); forward.click(); look('at the end');
    press('Home'); look('home');
    press('Escape'); look('escape');
    back.click(); whole.click(); look('before the first');
    lines.push(`another key is left alone: ${!press('x') && turned === 1}`);
    lines.push(`the text is as it was: ${code.textContent === document.querySelector('template').content.textContent}`);
    lines.push(`steppers: ${document.querySelectorAll('.steps').length}`);
    document.title = lines.join('\n');
";

/// The timeline of a schedule, with what is printed around it.
fn caught() -> String {
    let all = text::read(&repository().join("lessons/11-channels/schedule.txt")).unwrap();
    let part = all.split_once("ANCHOR: nothing-lost\n").unwrap().1;
    part.split_once("# ANCHOR_END").unwrap().0.to_owned()
}

/// The lines that a page has written into its title, once a browser has opened it; `None` where there is no browser.
fn seen(address: &str) -> Option<Vec<String>> {
    let Some(chromium) = tools::chromium() else {
        say("skipped: no chromium");
        return None;
    };
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(chromium);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"]);
    // Of the page's own time, which does not pass while it waits for a file.
    command.arg("--virtual-time-budget=10000");
    command.arg(format!("--user-data-dir={}", profile.path().display())).arg(address);
    let finished = limited::run(&mut command, Duration::from_secs(60)).unwrap();
    assert_eq!(finished.end, End::Success, "{}", finished.output);
    let title = finished.output.split_once("<title>").expect("the page has a title").1;
    Some(title.split_once("</title>").unwrap().0.lines().map(str::to_owned).collect())
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

fn script() -> String {
    text::read(&repository().join("book/theme/steps.js")).unwrap()
}

#[test]
fn a_reader_steps_through_a_timeline_by_buttons_and_by_keys() {
    let (caught, script) = (caught(), script());
    let page = format!(
        "<!doctype html><title></title><template>{caught}</template><pre><code class=\"language-text\">{caught}</code></pre>\
         <pre><code class=\"language-text\">cargo x learn   1  watches\n</code></pre><script>{script}</script><script>{READER}</script>"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    fs::write(&file, page).unwrap();
    let Some(seen) = seen(&file.to_string_lossy()) else { return };
    let expected = [
        "at first: 4 events; now ; later ",
        "forward: 1 of 4: at 0 ms, producer: sent \"upload completed\"; the channel is full; \
         now 1|0 ms  1  producer  sent \"upload completed\"; the channel is full; later 2,3,4",
        "right twice: 3 of 4: at 174 ms, consumer: received \"upload completed\"; \
         now 3|174 ms  3  consumer  received \"upload completed\"; later 4",
        "back: 2 of 4: at 100 ms, producer: gave up; the event is gone; \
         now 2|100 ms  2  producer  gave up; the event is gone; later 3,4",
        "at the end: 4 of 4: at 174 ms, consumer: recv() returned None: no sender left; \
         now 4|4  consumer  recv() returned None: no sender left; later ",
        "home: 1 of 4: at 0 ms, producer: sent \"upload completed\"; the channel is full; \
         now 1|0 ms  1  producer  sent \"upload completed\"; the channel is full; later 2,3,4",
        "escape: 4 events; now ; later ",
        "before the first: 4 events; now ; later ",
        "another key is left alone: true",
        "the text is as it was: true",
        "steppers: 1",
    ];
    assert_eq!(seen, expected);
}

/// Steps through a drawing, and writes down what is faded and what has a ring.
const READER_OF_A_DRAWING: &str = r"
    const picture = document.querySelector('img');
    const first = picture.src;
    const lines = [];
    const look = (did) => {
        const drawing = decodeURIComponent(picture.src);
        const faded = [...drawing.matchAll(/<g opacity[^\n]*<text class=.n[^>]*>(\d+)</g)].map((found) => found[1]);
        const rings = [...drawing.matchAll(/r=.12./g)].length;
        lines.push(`${did}: ${document.querySelector('output').textContent}; rings ${rings}; faded ${faded}`);
    };
    const wait = setInterval(() => {
        if (!document.querySelector('.steps')) return;
        clearInterval(wait);
        const [back, forward, whole] = document.querySelectorAll('.steps button');
        look('at first');
        forward.click(); forward.click(); look('second');
        back.click(); look('first');
        whole.click(); look('whole');
        lines.push(`the drawing is as it was: ${picture.src === first}`);
        document.title = lines.join('\n');
    }, 10);
";

/// Answers each request with the page, or with the drawing, until it is asked for `/stop`.
fn serve(listener: &TcpListener, page: &str, drawing: &str) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = String::new();
        // A browser opens connections that it does not use.
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        if BufReader::new(&stream).read_line(&mut request).is_err() {
            continue;
        }
        let (kind, body) = match request.split(' ').nth(1) {
            Some("/stop") => return,
            Some("/drawing.svg") => ("image/svg+xml", drawing),
            _ => ("text/html", page),
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        // Whoever has gone needs no answer.
        let _ = stream.write_all((head + body).as_bytes());
    }
}

/// Stops the server when it is dropped, also by a panic, so that nothing waits for it in vain.
struct Stop(SocketAddr);

impl Drop for Stop {
    fn drop(&mut self) {
        let stop =
            TcpStream::connect(self.0).and_then(|mut stream| stream.write_all(b"GET /stop HTTP/1.1\r\n\r\n"));
        stop.expect("the server listens until it is told to stop");
    }
}

#[test]
fn a_reader_steps_through_a_drawing() {
    let drawing = text::read(&repository().join("book/src/img/11-channels/give-up-on-send.svg")).unwrap();
    let script = script();
    let page = format!(
        "<!doctype html><title></title><main><p><img src=\"/drawing.svg\"></p></main>\
         <script>{script}</script><script>{READER_OF_A_DRAWING}</script>"
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen = thread::scope(|scope| {
        scope.spawn(|| serve(&listener, &page, &drawing));
        let _stop = Stop(address);
        seen(&format!("http://{address}/"))
    });
    let Some(seen) = seen else { return };
    let expected = [
        "at first: 4 events; rings 0; faded ",
        "second: 2 of 4: at 100 ms, producer: gave up; the event is gone; rings 2; faded 3,4,3,4",
        "first: 1 of 4: at 0 ms, producer: sent \"upload completed\"; the channel is full; rings 2; faded 2,3,4,2,3,4",
        "whole: 4 events; rings 0; faded ",
        "the drawing is as it was: true",
    ];
    assert_eq!(seen, expected);
}
