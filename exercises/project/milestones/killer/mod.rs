//! What milestone 5 does to your program: it is the broker at its stdin and stdout, kills it, starts it again, and keeps the
//! ledger. `shop` is the application, which fills the outbox.

pub mod shop;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Display;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use shop::Shop;

/// At most this many events are published and not marked yet.
pub const IN_FLIGHT_MAX: usize = 8;
/// How long a relay that runs may take for what takes it milliseconds.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// An event as it arrived at the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub id: u64,
    pub key: String,
    pub payload: String,
}

/// What the broker remembers over all lives of your program.
#[derive(Default)]
pub struct Ledger {
    pub confirmed: BTreeMap<u64, Arrival>,
    /// The last event of each key that was confirmed for the first time.
    last: HashMap<String, u64>,
    /// What the database said was marked when your program was killed.
    marked: HashSet<u64>,
    pub lives: usize,
}

/// Your program, from its start to its end.
pub struct Life<'a> {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Reads stderr to its end, so that a program that complains is never held up.
    complaints: JoinHandle<String>,
    ledger: &'a mut Ledger,
    shop: &'a Shop,
    /// What it has published in this life.
    published: HashSet<u64>,
    unconfirmed: BTreeMap<u64, Arrival>,
}

impl<'a> Life<'a> {
    pub fn begin(shop: &'a Shop, ledger: &'a mut Ledger) -> Life<'a> {
        ledger.lives += 1;
        let mut command = Command::from(super::program());
        command.args(["relay", "--db"]).arg(shop.file());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("your program can be started");
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let lines = BufReader::new(stdout).lines();
        let mut stderr = child.stderr.take().expect("it is piped");
        let complaints = tokio::spawn(async move {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said).await;
            said
        });
        let (published, unconfirmed) = (HashSet::new(), BTreeMap::new());
        Life { child, stdin, lines, complaints, ledger, shop, published, unconfirmed }
    }

    /// The next event that arrives; `None` if there is none until then. Fails when the program ends by itself.
    pub async fn arrival(&mut self, until: Instant) -> Option<Arrival> {
        // Cancel safe: `next_line` keeps what it has read.
        tokio::select! {
            biased;
            line = self.lines.next_line() => match line {
                Ok(Some(line)) => Some(self.arrived(&line)),
                _ => self.fail_with_its_end().await,
            },
            () = sleep_until(until) => None,
        }
    }

    /// The next event, which must arrive soon.
    pub async fn expect_arrival(&mut self, what: &str) -> Arrival {
        let arrival = self.arrival(Instant::now() + PATIENCE).await;
        arrival.unwrap_or_else(|| {
            panic!("{what} was not published within 5 s, although your program was running")
        })
    }

    /// Confirms an event.
    pub async fn confirm(&mut self, id: u64) {
        let arrival = self.unconfirmed.remove(&id).expect("the broker confirms what has arrived");
        let line = format!("{id}\n");
        let written = self.stdin.write_all(line.as_bytes()).await;
        if written.is_err() || self.stdin.flush().await.is_err() {
            self.fail_with_its_end::<()>().await;
        }
        let is_first = !self.ledger.confirmed.contains_key(&id);
        if let Some(before) = self.ledger.last.get(&arrival.key).filter(|before| is_first && **before > id) {
            let key = &arrival.key;
            self.fail(format_args!("event {id} of {key} was delivered after event {before} of the same key"));
        }
        if is_first {
            self.ledger.last.insert(arrival.key.clone(), id);
        }
        self.ledger.confirmed.insert(id, arrival);
    }

    pub fn unconfirmed(&self) -> Vec<u64> {
        self.unconfirmed.keys().copied().collect()
    }

    /// Kills it like `kill -9`, and compares the database with the ledger.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
        // What it had written has arrived, and is not confirmed.
        while let Ok(Some(line)) = self.lines.next_line().await {
            self.arrived(&line);
        }
        self.check_marks();
    }

    /// Closes stdin, and expects that it ends well.
    pub async fn stop(mut self) {
        drop(self.stdin);
        let ended = timeout(PATIENCE, self.child.wait()).await;
        let Ok(Ok(status)) = ended else {
            panic!("stdin was closed, and your program still ran 5 s later");
        };
        assert!(status.success(), "stdin was closed, and your program ended with {status}");
    }

    fn arrived(&mut self, line: &str) -> Arrival {
        let mut words = line.splitn(3, ' ');
        let parts = (words.next().and_then(|id| id.parse().ok()), words.next(), words.next());
        let (Some(id), Some(key), Some(payload)) = parts else {
            self.fail(format_args!("your program printed {line:?}, which is not `ID KEY PAYLOAD`"));
        };
        let arrival = Arrival { id, key: key.to_owned(), payload: payload.to_owned() };
        if !self.published.insert(id) {
            self.fail(format_args!(
                "event {id} was published twice by a program that was not killed in between"
            ));
        }
        if self.ledger.marked.contains(&id) {
            self.fail(format_args!(
                "event {id} was published again, although it was marked as sent when your program was killed"
            ));
        }
        if let Some(other) = self.unconfirmed.values().find(|other| other.key == key) {
            let other = other.id;
            self.fail(format_args!(
                "event {id} of {key} was published while event {other} of the same key was in flight: if that one is lost, they \
                 are delivered out of order"
            ));
        }
        self.unconfirmed.insert(id, arrival.clone());
        let in_flight = self.unconfirmed.len();
        if in_flight > IN_FLIGHT_MAX {
            self.fail(format_args!("{in_flight} events are in flight, and {IN_FLIGHT_MAX} are allowed"));
        }
        arrival
    }

    /// After a kill: what is marked was confirmed, and few of what was published is not marked.
    fn check_marks(&mut self) {
        self.ledger.marked = self.shop.marked();
        let lost = self.ledger.marked.iter().find(|id| !self.ledger.confirmed.contains_key(id));
        if let Some(id) = lost {
            self.fail(format_args!(
                "event {id} is marked as sent, and the broker has not confirmed it: your program was killed, and it is lost"
            ));
        }
        let open = self.published.difference(&self.ledger.marked).count();
        if open > IN_FLIGHT_MAX {
            self.fail(format_args!(
                "when your program was killed, {open} events had been published and were not marked in the database; at most \
                 {IN_FLIGHT_MAX} may be published twice"
            ));
        }
    }

    #[track_caller]
    fn fail(&self, what: impl Display) -> ! {
        panic!("{what}\n(start number {} of your program)", self.ledger.lives);
    }

    async fn fail_with_its_end<T>(&mut self) -> T {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.map_or("running, with its output closed".to_owned(), |status| match status {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        });
        let said = timeout(PATIENCE, &mut self.complaints).await;
        let said = said.ok().and_then(Result::ok).unwrap_or_default();
        panic!(
            "`project relay` ended by itself, although stdin is open ({status}). It said:\n{}\n(start number {} of your program)",
            said.trim(),
            self.ledger.lives
        );
    }
}
