//! Logs go to standard error: standard output belongs to messages. An event is one line, with its fields.

use std::io::{self, IsTerminal, Write};

use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Starts logging, as `[log]` and `CAPSTONE_LOG` say.
pub fn start(log: &Log) {
    subscriber(log, || OneLine(io::stderr()), io::stderr().is_terminal()).init();
}

fn subscriber(
    log: &Log,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
    is_terminal: bool,
) -> Box<dyn Subscriber + Send + Sync> {
    let lines = tracing_subscriber::fmt()
        .with_writer(writer)
        .with_ansi(is_terminal)
        // It would complain where it could not write, and end the process.
        .log_internal_errors(false)
        .with_max_level(log.level);
    match log.format {
        LogFormat::Text => Box::new(lines.with_target(false).without_time().finish()),
        LogFormat::Json => Box::new(lines.json().finish()),
    }
}

/// Keeps an event on its line, whatever a key or a sink's words hold. Each event comes in one piece.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let mut line = event.to_vec();
        let text = line.strip_suffix(b"\n").map_or(line.len(), <[u8]>::len);
        line[..text].iter_mut().filter(|byte| b"\r\n".contains(byte)).for_each(|byte| *byte = b' ');
        self.0.write_all(&line)?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged of a key whose name and error would begin lines of their own.
    fn logged(format: LogFormat) -> String {
        let (kept, log) = (Kept::default(), Log { format, ..Log::default() });
        let writer = kept.clone();
        tracing::subscriber::with_default(subscriber(&log, move || OneLine(writer.clone()), false), || {
            let (key, error) = ("k\n7", "no\r\nERROR forged");
            tracing::warn!(key, attempts = 3, %error, "parked: {error}");
            tracing::info!("below the level");
        });
        let lines = kept.0.lock().expect("no panic").clone();
        String::from_utf8(lines).expect("text")
    }

    #[test]
    fn an_event_is_a_line_with_its_fields() {
        assert_eq!(
            logged(LogFormat::Text),
            " WARN parked: no  ERROR forged key=\"k\\n7\" attempts=3 error=no  ERROR forged\n"
        );
        let json = logged(LogFormat::Json);
        assert_eq!(json.lines().count(), 1, "{json}");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let fields = serde_json::json!({
            "message": "parked: no\r\nERROR forged", "key": "k\n7", "attempts": 3, "error": "no\r\nERROR forged"
        });
        assert_eq!((&json["level"], &json["fields"]), (&"WARN".into(), &fields));
        assert!(json["timestamp"].is_string() && json["target"].is_string(), "{json}");
    }
}
