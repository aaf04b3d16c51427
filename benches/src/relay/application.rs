//! An application in a process of its own, on the relay's database: it commits single rows, as fast as it can.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use tokio::time::Instant;

use super::sqlite::connect;
use crate::report::percentile;

/// The argument with which the benchmark's program is the application.
pub const APPLICATION: &str = "relay-application";

/// The process; it ends with this.
pub struct Application {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Application {
    /// Returns when it commits.
    pub fn start(database: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.arg(APPLICATION).arg(database).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("this program");
        let mut said = BufReader::new(process.stdout.take().expect("it is piped"));
        said.read_line(&mut String::new()).expect("a pipe");
        Self { process, said }
    }

    /// The p99 of its commits, in microseconds.
    pub fn stop(mut self) -> f64 {
        drop(self.process.stdin.take());
        let mut p99 = String::new();
        self.said.read_to_string(&mut p99).expect("a pipe");
        assert!(self.process.wait().expect("it was started").success());
        p99.trim().parse().expect("a number")
    }
}

/// What the process does.
pub fn application(database: &str) {
    let connection = connect(Path::new(database));
    connection.execute_batch("CREATE TABLE IF NOT EXISTS orders (cents INTEGER)").expect("a database");
    let is_over = AtomicBool::new(false);
    let mut samples = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            // Its end says that it is enough.
            let _ = std::io::stdin().read(&mut [0]);
            is_over.store(true, Relaxed);
        });
        while !is_over.load(Relaxed) {
            let since = Instant::now();
            connection.execute("INSERT INTO orders VALUES (1250)", []).expect("nobody waits for 5 s");
            samples.push(since.elapsed().as_nanos() as f64 / 1e3);
            if samples.len() == 1 {
                println!("commits");
                std::io::stdout().flush().expect("a pipe");
            }
        }
    });
    println!("{}", percentile(samples, 99));
}
