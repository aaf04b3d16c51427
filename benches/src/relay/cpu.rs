//! Processor time that a server of PostgreSQL and this process have spent together, as Linux counts it.

use std::fs;

/// Linux's unit, everywhere.
const TICKS_PER_S: f64 = 100.0;

/// A server, by the process that all of its others are children of.
pub struct Cpu {
    postmaster: u32,
}

impl Cpu {
    /// Of the server that this session of it belongs to.
    pub fn of_session(pid: u32) -> Self {
        let postmaster = stat(pid).expect("a session that lives").parent;
        Self { postmaster }
    }

    /// Seconds, since both were started.
    pub fn spent_s(&self) -> f64 {
        let pids = fs::read_dir("/proc")
            .expect("Linux")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let of_server = |stat: &Stat| stat.pid == self.postmaster || stat.parent == self.postmaster;
        let mut ticks = stat(std::process::id()).expect("this process lives").own;
        for stat in pids.filter_map(stat).filter(of_server) {
            ticks += stat.own + if stat.pid == self.postmaster { stat.of_ended } else { 0 };
        }
        ticks as f64 / TICKS_PER_S
    }
}

struct Stat {
    pid: u32,
    parent: u32,
    /// Ticks of its own, and of children that have ended.
    own: u64,
    of_ended: u64,
}

/// `None`: it has ended.
fn stat(pid: u32) -> Option<Stat> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may hold anything.
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let (own, of_ended) = (ticks(11)? + ticks(12)?, ticks(13)? + ticks(14)?);
    Some(Stat { pid, parent: fields.get(1)?.parse().ok()?, own, of_ended })
}
