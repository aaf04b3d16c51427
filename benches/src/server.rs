//! [`Server`]: a server as a process of its own, and what work costs it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use tokio::time::Instant;

pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
pub const NATS_SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.tools/bin/nats-server");

/// A server that runs; killed when dropped.
pub struct Server {
    process: Child,
    /// `HOST:PORT`
    pub address: String,
}

/// What a piece of work took.
pub struct Spent {
    pub time: Duration,
    /// User and system time of the server's process.
    pub server: Duration,
    /// That of this process, which plays all the clients.
    pub client: Duration,
}

impl Server {
    /// The program of this repository, built first.
    pub fn ours() -> Result<Self, String> {
        let program = built(ROOT, &["--package", "capstone"])?;
        Self::start(Command::new(program).args(["serve", "--listen", "127.0.0.1:0"]), "listening on nats://")
    }

    pub fn nats() -> Result<Self, String> {
        Self::nats_with(&[])
    }

    /// A nats-server that keeps streams in that folder.
    pub fn jetstream(folder: &Path) -> Result<Self, String> {
        Self::nats_with(&["-js".as_ref(), "-sd".as_ref(), folder.as_os_str()])
    }

    fn nats_with(options: &[&OsStr]) -> Result<Self, String> {
        if !fs::exists(NATS_SERVER).unwrap_or(false) {
            return Err(".tools/bin/nats-server is missing: `cargo x tools` fetches it".into());
        }
        Self::start(
            Command::new(NATS_SERVER).args(["-a", "127.0.0.1", "-p", "-1"]).args(options),
            "Listening for client connections on ",
        )
    }

    /// Reads its address from the line of its log where it follows `announcement`.
    fn start(command: &mut Command, announcement: &str) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let process = command.stderr(Stdio::piped()).spawn().map_err(|error| format!("{name}: {error}"))?;
        let mut server = Self { process, address: String::new() };
        let log = server.process.stderr.take().expect("it is piped");
        let mut lines = BufReader::new(log).lines().map_while(Result::ok);
        let announced = lines.find_map(|line| Some(line.split_once(announcement)?.1.trim().to_owned()));
        server.address = announced.ok_or_else(|| format!("{name} has ended without an address"))?;
        // It may go on writing.
        thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// Begins to measure; the function that it returns says what has been spent since.
    pub fn measure(&self) -> impl FnOnce() -> Spent {
        let pid = self.process.id().to_string();
        let (server, client, since) = (cpu_of(&pid), cpu_of("self"), Instant::now());
        move || Spent {
            time: since.elapsed(),
            server: cpu_of(&pid) - server,
            client: cpu_of("self") - client,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Builds a program of that workspace for release, and says where cargo has put it.
pub fn built(workspace: &str, options: &[&str]) -> Result<String, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--message-format", "json-render-diagnostics"]).args(options);
    let output = cargo.current_dir(workspace).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("cargo: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let program = messages.split("\"executable\":\"").nth(1).and_then(|rest| rest.split('"').next());
    match program {
        Some(program) if output.status.success() => Ok(program.to_owned()),
        _ => Err(format!("`cargo build --release {}` has failed", options.join(" "))),
    }
}

/// User and system time of a process so far, which Linux counts in hundredths of a second.
fn cpu_of(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux, and a process that runs");
    // The name in parentheses may hold spaces; the fields after it begin with the third.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).map(|field| field.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(ticks * 10)
}
