//! Opens every page of the built book in a headless Chromium, where there is one, and wants its console silent and the network untouched.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::book::PAGES;
use super::step::Count;
use crate::limited::{self, End};
use crate::say::say;
use crate::tools;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// For one page; it takes about a second.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn check(root: &Path) -> Result<Count> {
    let Some(chromium) = chromium() else {
        say("skipped: no chromium");
        return Ok(Count::SKIPPED);
    };
    let profile = std::env::temp_dir().join(format!("book-check-{}", std::process::id()));
    fs::create_dir_all(&profile)?;
    let mut loud = 0;
    for page in pages(&root.join(PAGES))? {
        let complaints = open(&chromium, &profile, &page)?;
        let name = page.file_name().unwrap_or_default().display();
        complaints.iter().for_each(|complaint| say(format_args!("{name}: {complaint}")));
        loud += usize::from(!complaints.is_empty());
    }
    // Left behind, it would only take room in the temporary folder.
    let _ = fs::remove_dir_all(&profile);
    Ok(if loud == 0 { Count::PASSED } else { Count::FAILED })
}

fn chromium() -> Option<PathBuf> {
    NAMES.into_iter().find_map(tools::on_path)
}

/// Opens a page and returns what there is to complain about.
fn open(chromium: &Path, profile: &Path, page: &Path) -> Result<Vec<String>> {
    let net_log = profile.join("net-log.json");
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
    command.arg(format!("--user-data-dir={}", profile.display()));
    command.arg(format!("--log-net-log={}", net_log.display())).arg(page);
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
    }
    Ok(complaints)
}

/// The chapters; the page that holds them all for printing opens a dialog.
fn pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).context("the book is not built")?;
    let mut pages: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    let left_out = ["print.html", "404.html", "toc.html"];
    pages.retain(|page| {
        let name = page.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".html") && !left_out.contains(&name.as_ref())
    });
    pages.sort();
    Ok(pages)
}

/// Every line that the page wrote: `[…:INFO:CONSOLE:1] "text", source: …`. The level does not tell errors from notes, and the
/// book has no reason to write either.
fn console(output: &str) -> Vec<String> {
    let lines = output.lines().filter(|line| line.starts_with('[') && line.contains(":CONSOLE"));
    lines.map(|line| line.split_once("] ").map_or(line, |(_, said)| said).to_owned()).collect()
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

    /// With the browser itself: that its log still has the form that is read here, and that a page which asks nobody is not
    /// blamed for what the browser asks.
    #[test]
    fn a_page_that_asks_other_hosts_is_reported_and_one_that_does_not_is_not() {
        let Some(chromium) = chromium() else {
            say("skipped: no chromium");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let complaints = |text: &str| {
            let page = folder.path().join("page.html");
            fs::write(&page, text).unwrap();
            open(&chromium, folder.path(), &page).unwrap()
        };
        let silent: [String; 0] = [];
        assert_eq!(complaints("<!doctype html><title>asks nobody</title><p>text</p>"), silent);
        let mut asked = complaints(ASKING);
        asked.retain(|complaint| complaint.starts_with("asks"));
        let hosts = ["fetch", "font", "frame", "image", "script", "style"];
        assert_eq!(asked, hosts.map(|host| format!("asks another host: {host}.example")));
    }

    #[test]
    fn pages_for_readers_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.html", "a.html", "print.html", "404.html", "x.css"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let expected = ["a.html", "b.html"].map(|name| folder.path().join(name));
        assert_eq!(pages(folder.path()).unwrap(), expected);
    }
}
