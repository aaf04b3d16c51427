//! Runs a program for a limited time and keeps what it printed, within bounds. Does not build anything and prints nothing.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::clock::Stopwatch;

/// How a program ended, and what it wrote to stdout and stderr, in the order in which it arrived. Of more than 2 MiB only the
/// beginning and the end are kept, with a line between them.
#[derive(Debug)]
pub struct Finished {
    pub end: End,
    pub output: String,
    pub elapsed: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Success,
    Failure,
    /// It was killed when the limit had passed.
    TimedOut,
    /// It was killed because nobody wanted it any more.
    Stopped,
}

/// How often a program that runs is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// Runs `command` to its end or to the limit, whichever comes first. `Err` only if it cannot be started or waited for.
pub fn run(command: &mut Command, limit: Duration) -> Result<Finished> {
    run_while(command, limit, &|_| true)
}

/// As [`run`], and asks about twenty times a second, with the time that has passed, whether to go on.
pub fn run_while(
    command: &mut Command,
    limit: Duration,
    go_on: &dyn Fn(Duration) -> bool,
) -> Result<Finished> {
    let watch = Stopwatch::start();
    let (mut child, pipe) = spawn(command)?;
    let chunks = read(pipe);
    let mut output = Output::default();
    let end = loop {
        if watch.left_of(limit).is_zero() {
            break End::TimedOut;
        }
        if !go_on(watch.elapsed()) {
            break End::Stopped;
        }
        match chunks.recv_timeout(watch.left_of(limit).min(PAUSE)) {
            Ok(chunk) => output.take(&chunk),
            Err(RecvTimeoutError::Timeout) => {}
            // The pipe is closed: what remains is the end itself. A program that has closed its output may still run.
            Err(RecvTimeoutError::Disconnected) => match child.try_wait()? {
                Some(status) => break if status.success() { End::Success } else { End::Failure },
                None => thread::park_timeout(Duration::from_millis(5)),
            },
        }
    };
    if matches!(end, End::TimedOut | End::Stopped) {
        kill(&mut child)?;
        chunks.try_iter().for_each(|chunk| output.take(&chunk));
    }
    Ok(Finished { end, output: output.text(), elapsed: watch.elapsed() })
}

/// How many bytes of the beginning are kept, and of the end.
const KEPT: usize = 1 << 20;

/// What a program printed, within bounds.
#[derive(Default)]
struct Output {
    first: Vec<u8>,
    last: VecDeque<u8>,
    left_out: usize,
}

impl Output {
    fn take(&mut self, chunk: &[u8]) {
        let (first, rest) = chunk.split_at(chunk.len().min(KEPT - self.first.len()));
        self.first.extend(first);
        self.last.extend(rest);
        let surplus = self.last.len().saturating_sub(KEPT);
        self.last.drain(..surplus);
        self.left_out += surplus;
    }

    fn text(mut self) -> String {
        if self.left_out > 0 {
            self.first.extend(format!("\n… {} bytes left out …\n", self.left_out).bytes());
        }
        self.first.extend(self.last);
        String::from_utf8_lossy(&self.first).into_owned()
    }
}

fn kill(child: &mut Child) -> Result<()> {
    child.kill().context("cannot kill a program that ran too long")?;
    child.wait()?;
    Ok(())
}

/// Starts the program with one pipe for both of its outputs, so that their lines keep their order.
fn spawn(command: &mut Command) -> Result<(Child, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let spawned = command.spawn();
    // The command keeps its ends of the pipe, which would never close.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Ok((spawned.with_context(|| format!("cannot start {}", command.get_program().display()))?, reader))
}

/// Reads on a thread, which ends with the pipe. Bounded: a program that prints without end is slowed down to our reading.
fn read(mut pipe: PipeReader) -> Receiver<Vec<u8>> {
    let (sender, receiver) = sync_channel(16);
    thread::spawn(move || {
        let mut buffer = vec![0; 8192];
        while let Ok(read @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Finished {
        run(Command::new("sh").args(["-c", script]), limit).unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn both_outputs_are_kept_whole() {
        let finished =
            shell("i=0; while [ $i -lt 3000 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done", LONG);
        assert_eq!(finished.end, End::Success);
        assert_eq!(finished.output.lines().filter(|line| line.starts_with("out")).count(), 3000);
        assert_eq!(finished.output.lines().filter(|line| line.starts_with("err")).count(), 3000);
    }

    #[test]
    fn an_endless_output_is_bounded() {
        let finished = shell("echo first; exec yes", Duration::from_secs(2));
        assert_eq!(finished.end, End::TimedOut);
        assert!(finished.output.starts_with("first\ny\n") && finished.output.ends_with("y\n"));
        assert!(finished.output.contains(" bytes left out …\n") && finished.output.len() < 2 * KEPT + 100);
    }

    #[test]
    fn the_two_outputs_keep_their_order() {
        let finished = shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done", LONG);
        assert_eq!(finished.output, "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
    }

    #[test]
    fn a_failure_is_a_failure() {
        let finished = shell("echo no; exit 3", LONG);
        assert_eq!((finished.end, finished.output.as_str()), (End::Failure, "no\n"));
    }

    #[test]
    fn what_hangs_is_killed_and_its_output_kept() {
        let finished = shell("echo begun; exec sleep 100", Duration::from_millis(300));
        assert_eq!((finished.end, finished.output.as_str()), (End::TimedOut, "begun\n"));
        assert!(finished.elapsed < Duration::from_secs(50));
    }

    #[test]
    fn what_hangs_without_output_is_killed_too() {
        let finished = shell("exec sleep 100 >&- 2>&-", Duration::from_millis(300));
        assert_eq!(finished.end, End::TimedOut);
    }

    #[test]
    fn what_nobody_wants_any_more_is_killed() {
        let begun = |elapsed: Duration| elapsed < Duration::from_millis(200);
        let finished = run_while(Command::new("sh").args(["-c", "exec sleep 100"]), LONG, &begun).unwrap();
        assert_eq!(finished.end, End::Stopped);
        assert!(finished.elapsed < LONG);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program"), LONG).unwrap_err();
        assert!(error.to_string().contains("no-such-program"));
    }
}
