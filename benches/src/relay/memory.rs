//! What the program keeps in memory in front of a backlog that it cannot get rid of.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Longer than the timeout of a publish, so that the relay has also given some up.
const BLOCKED: Duration = Duration::from_secs(9);

/// The most that it ever had, in MiB. It writes to a pipe that nobody reads.
pub fn peak_mib(program: &str, database: &str) -> f64 {
    let mut command = Command::new(program);
    command
        .args(["relay", "--db", database, "--sink", "stdout"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = command.spawn().expect("the program was built");
    thread::park_timeout(BLOCKED);
    let running = process.try_wait().expect("it was started").is_none();
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
    let _ = process.kill();
    process.wait().expect("it was started");
    assert!(running, "the relay goes on whatever its sink does");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1_024.0
}
