//! [`Queues`]: the job queues, each run in a process of its own, since their SQLite cannot be linked with ours.

use std::process::Command;

use crate::results;
use crate::server::built;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/queues");
const LOCK: &str = include_str!("../../queues/Cargo.lock");

/// One of them: the program's argument, and the package.
#[derive(Clone, Copy)]
pub struct Queue {
    argument: &'static str,
    pub name: &'static str,
}

pub const ALL: [Queue; 2] =
    [Queue { argument: "graphile", name: "graphile_worker" }, Queue { argument: "pgmq", name: "pgmq" }];

/// The program that runs them.
pub struct Queues {
    program: String,
}

impl Queues {
    pub fn built() -> Result<Self, String> {
        Ok(Self { program: built(WORKSPACE, &[])? })
    }

    pub fn versions(&self) -> [String; 2] {
        ALL.map(|queue| results::locked(LOCK, queue.name))
    }

    /// Rows a second, through a queue in that empty database. The program checks that each comes once.
    pub fn rate(&self, queue: Queue, address: &str, rows: u64) -> f64 {
        // Nobody asks for the password, but `pgmq` takes no address without one.
        let address = &address.replace("postgres@", "postgres:any@");
        let output = Command::new(&self.program).args([queue.argument, address, &rows.to_string()]).output();
        let output = output.expect("it was built");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", queue.name);
        let seconds = String::from_utf8_lossy(&output.stdout);
        rows as f64 / seconds.trim().parse::<f64>().expect("seconds")
    }
}
