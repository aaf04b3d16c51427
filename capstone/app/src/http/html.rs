//! The page for people: no script, nothing from elsewhere, and every text of others escaped in one place, [`escape`].

use std::fmt::Write;
use std::time::Duration;

use capstone_outbox::store::Status;

use super::snapshot::Snapshot;
use crate::table::paused;

const STYLE: &str = include_str!("page.css");

pub(super) fn page(snapshot: &Snapshot) -> String {
    let mut body = String::new();
    let (class, headline) = headline(snapshot);
    let _ = write!(
        body,
        "<header><h1>capstone</h1><p class=\"state {class}\">{}</p><p class=\"since\">{} · up {}</p></header>",
        escape(&headline),
        escape(snapshot.version),
        since(snapshot.uptime_s),
    );
    body += &tiles(snapshot);
    if let Some(status) = &snapshot.outbox {
        body += &keys(status);
        body += &relays(status);
    }
    body += &streams(snapshot);
    body += &bus(snapshot);
    body += &connections(snapshot);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>capstone: {title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"refresh\" content=\"2\">\
         <link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head><body>{body}<footer>\
         <a href=\"/status.json\">status.json</a> <a href=\"/metrics\">metrics</a> <a href=\"/healthz\">healthz</a>\
         </footer></body></html>\n",
        title = escape(&headline),
    )
}

/// In a word, how it is.
fn headline(snapshot: &Snapshot) -> (&'static str, String) {
    if let Some(problem) = &snapshot.problem {
        return ("bad", format!("the database cannot be read: {problem}"));
    }
    let Some(status) = &snapshot.outbox else { return ("good", "a bus without a database".into()) };
    if let Some(pause) = &status.paused {
        return ("bad", paused(pause));
    }
    let held = status.relays.iter().map(|relay| relay.lanes).sum::<u16>();
    match (status.keys.len(), status.lanes.saturating_sub(held)) {
        (0, 0) => ("good", "all is well".into()),
        (0, free) => ("bad", format!("no relay for {free} of {} lanes", status.lanes)),
        (1, _) => ("bad", "1 key in trouble".into()),
        (keys, _) => ("bad", format!("{keys} keys in trouble")),
    }
}

fn tiles(snapshot: &Snapshot) -> String {
    let mut tiles = Vec::new();
    if let Some(status) = &snapshot.outbox {
        let counted =
            |rows| if status.is_estimated(rows) { format!("~{}", count(rows)) } else { count(rows) };
        tiles.push(("pending", counted(status.pending)));
        let oldest = status.oldest_ms.map(Duration::from_millis);
        tiles.push(("oldest", oldest.map_or_else(|| "none".into(), |age| since(age.as_secs()))));
        tiles.push(("held", counted(status.held)));
        tiles.push(("dead", counted(status.dead)));
    }
    if let Some(relay) = &snapshot.relay {
        tiles.push(("relayed", count(relay.published)));
    }
    tiles.push(("connections", count(snapshot.listener.open as u64)));
    let tiles: String = tiles
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(value)))
        .collect();
    format!("<dl>{tiles}</dl>")
}

fn keys(status: &Status) -> String {
    let rows = status.keys.iter();
    let rows =
        rows.map(|key| vec![key.key.clone(), key.state.into(), key.attempts.to_string(), key.error.clone()]);
    table("Keys in trouble", &["key", "state", "attempts", "last error"], rows)
}

fn relays(status: &Status) -> String {
    let rows = status.relays.iter();
    let rows = rows.map(|relay| vec![relay.owner.clone(), format!("{} of {}", relay.lanes, status.lanes)]);
    table("Relays", &["relay", "lanes"], rows)
}

fn streams(snapshot: &Snapshot) -> String {
    let rows = snapshot.streams.iter();
    let rows = rows.map(|stream| {
        vec![
            stream.name.clone(),
            count(stream.messages),
            count(stream.bytes),
            stream.last.to_string(),
            count(stream.dead),
        ]
    });
    let mut text = table("Streams", &["stream", "messages", "bytes", "last", "dead"], rows);
    let rows = snapshot.streams.iter().flat_map(|stream| {
        stream.consumers.iter().map(|consumer| {
            let lag = consumer.pending + consumer.waiting;
            let (pending, missed) = (count(consumer.pending), count(consumer.missed));
            vec![stream.name.clone(), consumer.name.clone(), count(lag), pending, missed]
        })
    });
    text += &table("Consumers", &["stream", "consumer", "lag", "in hand", "missed"], rows);
    text
}

fn bus(snapshot: &Snapshot) -> String {
    let bus = &snapshot.bus;
    let rows = [
        ("published", bus.published),
        ("delivered", bus.delivered),
        ("nobody wanted", bus.unmatched),
        ("dropped", bus.dropped),
        ("filtered", bus.filtered),
        ("subscriptions", bus.subscriptions as u64),
    ];
    pairs("Bus", &rows)
}

fn connections(snapshot: &Snapshot) -> String {
    let listener = &snapshot.listener;
    let rows = [
        ("open", listener.open as u64),
        ("accepted", listener.accepted),
        ("refused", listener.refused),
        ("unauthorised", listener.unauthorised),
        ("too slow", listener.slow),
        ("silent", listener.stale),
        ("faulty", listener.faulty),
    ];
    pairs("NATS clients", &rows)
}

fn pairs(title: &str, rows: &[(&str, u64)]) -> String {
    let row = |(name, number): &(&str, u64)| format!("<tr><th>{name}</th><td>{}</td></tr>", count(*number));
    let rows: String = rows.iter().map(row).collect();
    format!("<section><h2>{title}</h2><table class=\"pairs\"><tbody>{rows}</tbody></table></section>")
}

/// Nothing if there are no rows. Every cell is escaped.
fn table(title: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |row: Vec<String>| {
        let cells = row.iter().zip(heads);
        let cells = cells.map(|(cell, head)| format!("<td data-head=\"{head}\">{}</td>", escape(cell)));
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let rows: String = rows.map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    let heads: String = heads.iter().map(|head| format!("<th>{head}</th>")).collect();
    format!(
        "<section><h2>{title}</h2><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>"
    )
}

/// For a text between tags or inside of quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            other => escaped.push(other),
        }
    }
    escaped
}

/// With a thin space before each three digits.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// The two largest units.
fn since(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min {} s", seconds % 60),
        3_600..86_400 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use capstone_outbox::operations::Pause;
    use capstone_outbox::store::{KeyStatus, RelayStatus};

    use super::*;

    fn troubled() -> Snapshot {
        let evil = "<script>alert('1')</script>\"&";
        let (mut key, mut relay) = (KeyStatus::default(), RelayStatus::default());
        (key.key, key.state, key.attempts, key.error) = (evil.into(), "parked", 10, evil.into());
        (relay.owner, relay.lanes) = (evil.into(), 1);
        let mut outbox = Status::default();
        (outbox.pending, outbox.lanes, outbox.relays, outbox.keys) = (1_234_567, 1, vec![relay], vec![key]);
        Snapshot { outbox: Some(outbox), problem: Some(evil.into()), ..Snapshot::default() }
    }

    #[test]
    fn texts_of_others_are_only_shown() {
        let page = page(&troubled());
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;").count(), 5);
        assert!(page.contains("1\u{2009}234\u{2009}567"));
    }

    #[test]
    fn the_headline_is_the_worst() {
        let mut snapshot = troubled();
        assert_eq!(headline(&snapshot).0, "bad");
        snapshot.problem = None;
        assert_eq!(headline(&snapshot), ("bad", "1 key in trouble".into()));
        let status = snapshot.outbox.as_mut().expect("it has one");
        status.keys.clear();
        assert_eq!(headline(&snapshot), ("good", "all is well".into()));
        snapshot.outbox.as_mut().expect("it has one").lanes = 64;
        assert_eq!(headline(&snapshot), ("bad", "no relay for 63 of 64 lanes".into()));
        let mut pause = Pause::default();
        (pause.by, pause.for_ms) = ("anna".into(), 60_000);
        snapshot.outbox.as_mut().expect("it has one").paused = Some(pause);
        assert!(headline(&snapshot).1.starts_with("paused by anna"));
        assert_eq!(headline(&Snapshot::default()), ("good", "a bus without a database".into()));
    }

    #[test]
    fn times_and_counts_are_short() {
        assert_eq!(
            [0, 59, 61, 3_660, 90_000].map(since),
            ["0 s", "59 s", "1 min 1 s", "1 h 1 min", "1 d 1 h"]
        );
        assert_eq!([0, 999, 1_000].map(count), ["0", "999", "1\u{2009}000"]);
    }
}
