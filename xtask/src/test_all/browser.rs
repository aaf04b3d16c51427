//! Opens every page of the built book in a headless Chromium, where there is one, in windows wide and narrow, light and dark.
//! Wants its console silent, the network untouched, nothing wider than its window, and all text readable. `look.html` looks.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::book::PAGES;
use super::step::Count;
use crate::limited::{self, End};
use crate::say::say;
use crate::tools;

/// Loads a page in four frames, and writes to the console what it sees.
const LOOK: &str = include_str!("look.html");
/// What [`LOOK`] leaves in its own page once it has seen all four.
const LOOKED: &str = "data-looked=\"4\"";
/// A browser is waited for more than it works.
const AT_ONCE: usize = 2;
/// For one page; it takes about two seconds.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn check(root: &Path) -> Result<Count> {
    let Some(chromium) = tools::chromium() else {
        say("skipped: no chromium");
        return Ok(Count::SKIPPED);
    };
    let pages = pages(&root.join(PAGES))?;
    let shares: Vec<&[PathBuf]> = pages.chunks(pages.len().div_ceil(AT_ONCE).max(1)).collect();
    let looks: Vec<Result<usize>> = thread::scope(|scope| {
        let look = |(number, share)| {
            let chromium = &chromium;
            scope.spawn(move || look_at(chromium, number, share))
        };
        let looking: Vec<_> = (1..).zip(shares).map(look).collect();
        looking.into_iter().map(|look| look.join().expect("a look does not panic")).collect()
    });
    let wrong: usize = looks.into_iter().sum::<Result<usize>>()?;
    Ok(if wrong == 0 { Count::PASSED } else { Count::FAILED })
}

/// Opens these pages one after another, in a browser of their own; returns how many have something wrong.
fn look_at(chromium: &Path, number: usize, pages: &[PathBuf]) -> Result<usize> {
    let profile = std::env::temp_dir().join(format!("book-check-{}-{number}", std::process::id()));
    fs::create_dir_all(&profile)?;
    let mut wrong = 0;
    for page in pages {
        let complaints = open(chromium, &profile, page)?;
        let name = page.file_name().unwrap_or_default().display();
        complaints.iter().for_each(|complaint| say(format_args!("{name}: {complaint}")));
        wrong += usize::from(!complaints.is_empty());
    }
    // Left behind, it would only take room in the temporary folder.
    let _ = fs::remove_dir_all(&profile);
    Ok(wrong)
}

/// Opens a page and returns what there is to complain about.
fn open(chromium: &Path, profile: &Path, page: &Path) -> Result<Vec<String>> {
    let (net_log, look) = (profile.join("net-log.json"), profile.join("look.html"));
    fs::write(&look, LOOK.replace("PAGE", &address(page)))?;
    let mut command = Command::new(chromium);
    // No sandbox: it refuses to start as root, and the pages are our own. No name resolves: only files are opened.
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
    ]);
    // Fewer requests of the browser's own. Version 156 still asks for updates and accounts, with each flag that was tried.
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.args(["--enable-logging=stderr", "--dump-dom", "--host-resolver-rules=MAP * ~NOTFOUND"]);
    // Frames of files may be looked into, and are looked at for this long of the page's own time.
    command.args(["--allow-file-access-from-files", "--virtual-time-budget=20000"]);
    command.arg(format!("--user-data-dir={}", profile.display()));
    command.arg(format!("--log-net-log={}", net_log.display())).arg(look);
    // What there was of the page before must not pass for the log of this one.
    let _ = fs::remove_file(&net_log);
    let finished = limited::run(&mut command, LIMIT)?;
    let mut complaints = console(&finished.output);
    match fs::read_to_string(&net_log) {
        Ok(log) => complaints.extend(requests_of_page(&log)),
        Err(error) => complaints.push(format!("the browser left no log of its requests: {error}")),
    }
    if finished.end != End::Success {
        complaints.push(format!("the browser did not finish: {:?}", finished.end));
    } else if !finished.output.contains(LOOKED) {
        complaints.push("the page was not looked at in all windows".to_owned());
    }
    Ok(complaints)
}

fn address(page: &Path) -> String {
    format!("file:///{}", page.to_string_lossy().replace('\\', "/").trim_start_matches('/'))
}

/// All pages for readers; the one that holds them all for printing opens a dialog.
fn pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context("the book is not built")? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".html")
                && !["print.html", "404.html", "toc.html"].contains(&name.as_ref())
            {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// Every line that the page wrote: `[…:INFO:CONSOLE:1] "text", source: …`. The level does not tell errors from notes, and the
/// book has no reason to write either. What `look.html` has seen is the text alone.
fn console(output: &str) -> Vec<String> {
    let lines = output.lines().filter(|line| line.starts_with('[') && line.contains(":CONSOLE"));
    let said = lines.map(|line| line.split_once("] ").map_or(line, |(_, said)| said));
    said.map(|said| match said.rsplit_once("\", source: ") {
        Some((text, source)) if source.contains("look.html") => text.trim_start_matches('"').to_owned(),
        _ => said.to_owned(),
    })
    .collect()
}

/// What Chromium writes as the initiator of a request that it makes for itself. A page's has the page's origin, which is `null`
/// for a file, or `file://` where a frame is opened.
const BROWSER_ITSELF: &str = "not an origin";

/// The hosts that the page asks, from Chromium's log of the network: an event a line, of which the start of a request is the one
/// that names its initiator. A file that is opened is not in it.
fn requests_of_page(net_log: &str) -> BTreeSet<String> {
    let event = |line: &str| serde_json::from_str::<Value>(line.trim().trim_end_matches(',')).ok();
    let asked = |event: Value| {
        let params = &event["params"];
        let (url, initiator) = (params["url"].as_str()?, params["initiator"].as_str()?);
        let host = url.split('/').nth(2).unwrap_or(url);
        (initiator != BROWSER_ITSELF).then(|| format!("asks another host: {host}"))
    };
    net_log.lines().filter_map(event).filter_map(asked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_console_counts() {
        let output = "[1:1:0101/1.1:ERROR:dbus/bus.cc:408] Failed to connect\n\
            [1:1:0101/1.1:INFO:CONSOLE:3] \"Uncaught TypeError: x\", source: x.js (3)\n\
            <p>[1:ERROR:CONSOLE:1] in a text</p>\n";
        assert_eq!(console(output), ["\"Uncaught TypeError: x\", source: x.js (3)"]);
    }

    /// As Chromium 156 writes them, less the parameters that say nothing here.
    const NET_LOG: &str = r#"{"constants":{"logEventTypes":{"URL_REQUEST_START_JOB":136}},
"events": [
{"params":{"traffic_annotation":54845618,"url":"https://update.example/service"},"phase":1,"source":{"id":20,"type":1},"type":134},
{"params":{"initiator":"not an origin","method":"POST","network_isolation_key":"null null","url":"https://update.example/service"},"phase":1,"source":{"id":20,"type":1},"type":136},
{"params":{"initiator":"not an origin","method":"POST","network_isolation_key":"https://own.example https://own.example","url":"https://accounts.own.example/list"},"phase":1,"source":{"id":19,"type":1},"type":136},
{"params":{"initiator":"null","method":"GET","network_isolation_key":"file:// file://","url":"https://x.example/a.png"},"phase":1,"source":{"id":43,"type":1},"type":136},
{"params":{"initiator":"null","method":"GET","url":"https://x.example/b.png"},"phase":1,"source":{"id":44,"type":1},"type":136},
{"params":{"initiator":"null","method":"GET","url":"wss://socket.example/w"},"phase":1,"source":{"id":85,"type":1},"type":136},
{"params":{"initiator":"file://","method":"GET","url":"https://frame.example/"},"phase":1,"source":{"id":64,"type":1},"type":136},
{"phase":2,"source":{"id":64,"type":1},"type":136}],
"polledData":{}}"#;

    #[test]
    fn requests_of_the_page_are_told_from_those_of_the_browser() {
        let hosts = ["frame.example", "socket.example", "x.example"];
        assert_eq!(requests_of_page(NET_LOG), hosts.map(|host| format!("asks another host: {host}")).into());
    }

    /// Ways in which a page of the book could ask another host. Reading a width lays the page out, which asks for the font, and the
    /// last script holds up the end of loading until the others have been asked.
    const ASKING: &str = r#"<!doctype html><title>asks</title><link rel="stylesheet" href="https://style.example/s.css">
        <style>@font-face { font-family: F; src: url(https://font.example/f.woff2) } p { font-family: F }</style>
        <p>text</p><img src="https://image.example/a.png"><iframe src="https://frame.example/"></iframe>
        <script>document.body.offsetWidth; fetch("https://fetch.example/f").catch(() => {})</script>
        <script src="https://script.example/s.js"></script>"#;

    /// What is there to complain about in a page of this text; `None` without a browser.
    fn complaints(page: &str) -> Option<Vec<String>> {
        let Some(chromium) = tools::chromium() else {
            say("skipped: no chromium");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, page).unwrap();
        Some(open(&chromium, folder.path(), &file).unwrap())
    }

    /// With the browser itself: that its log still has the form that is read here, and that a page which asks nobody is not
    /// blamed for what the browser asks.
    #[test]
    fn a_page_that_asks_other_hosts_is_reported_and_one_that_does_not_is_not() {
        let Some(silent) = complaints("<!doctype html><title>asks nobody</title><p>text</p>") else { return };
        assert_eq!(silent, Vec::<String>::new());
        let mut asked = complaints(ASKING).unwrap();
        asked.retain(|complaint| complaint.starts_with("asks"));
        let hosts = ["fetch", "font", "frame", "image", "script", "style"];
        assert_eq!(asked, hosts.map(|host| format!("asks another host: {host}.example")));
    }

    /// Faint only where it is dark, too wide only where it is narrow, cut off everywhere.
    const BROKEN: &str = r#"<!doctype html><title>broken</title><meta name="viewport" content="width=device-width">
        <style>.navy { background: #161923; color: #c8c9db } .navy .faint { color: #737480 }</style>
        <button id="mdbook-theme-light" onclick="document.documentElement.className = 'light'">Light</button>
        <button id="mdbook-theme-navy" onclick="document.documentElement.className = 'navy'">Navy</button>
        <p class="faint">faint</p><p style="width: 700px">wide</p>
        <details><summary>fold</summary><p style="width: 4em; overflow: hidden; white-space: nowrap">folded, and cut off</p></details>
        <div style="overflow-x: auto"><p style="width: 900px">scrolled</p></div>
        <script>if (innerWidth < 500) undefinedName</script>"#;

    #[test]
    fn a_page_that_a_reader_could_not_read_is_reported() {
        let Some(mut found) = complaints(BROKEN) else { return };
        found.retain(|complaint| !complaint.contains("Uncaught ReferenceError: undefinedName"));
        let cut = "is cut off: <p> \"folded, and cut off\"";
        let faint = "has a contrast of 3.79, rgb(115, 116, 128) on rgb(22, 25, 35): <p.faint> \"faint\"";
        let wide = "sticks out of the window: <p> \"wide\"";
        let page = "the page is 708 pixels wide, the window 400";
        let expected = [
            format!("wide, light: {cut}"),
            format!("wide, dark: {cut}"),
            format!("wide, dark: {faint}"),
            format!("narrow, light: {page}"),
            format!("narrow, light: {wide}"),
            format!("narrow, light: {cut}"),
            format!("narrow, dark: {page}"),
            format!("narrow, dark: {wide}"),
            format!("narrow, dark: {cut}"),
            format!("narrow, dark: {faint}"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_error_of_a_script_is_reported() {
        let Some(found) = complaints("<!doctype html><title>x</title><script>undefinedName</script>") else {
            return;
        };
        assert!(
            found.iter().all(|complaint| complaint.contains("undefinedName is not defined")),
            "{found:?}"
        );
        assert_eq!(found.len(), 4, "once in each window");
    }

    #[test]
    fn pages_for_readers_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        for name in ["b.html", "a.html", "print.html", "404.html", "x.css", "deep/c.html"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let expected = ["a.html", "b.html", "deep/c.html"].map(|name| folder.path().join(name));
        assert_eq!(pages(folder.path()).unwrap(), expected);
    }
}
