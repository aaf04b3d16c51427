//! Starts servers for the tests of async-nats: `capstone serve`, or for comparison the nats-server that `NATS_SERVER` names.

pub mod schema;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub use schema::{JSONSchema, get};

/// Killed when it is dropped.
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    pub fn client_url(&self) -> String {
        format!("nats://localhost:{}", self.port)
    }

    pub fn client_port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn run_basic_server() -> Server {
    run_server("")
}

pub fn run_server(file: &str) -> Server {
    run_server_with_port(file, None)
}

/// With the settings of this file of nats-server's.
pub fn run_server_with_port(file: &str, port: Option<&str>) -> Server {
    let address = format!("127.0.0.1:{}", port.unwrap_or("0"));
    let mut command = match std::env::var_os("NATS_SERVER") {
        Some(program) => {
            let mut command = Command::new(program);
            command.args(["-a", "127.0.0.1", "-p", port.unwrap_or("-1")]).args(flags(file));
            command
        }
        None => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
            let program = root.join("target/debug/capstone").with_extension(std::env::consts::EXE_EXTENSION);
            let mut command = Command::new(program);
            command.args(["serve", "--http", "off", "--listen", &address]).args(settings(file));
            command
        }
    };
    let mut process = command.stderr(Stdio::piped()).spawn().expect("the server can be started");
    let mut lines = BufReader::new(process.stderr.take().expect("it is piped")).lines();
    let listens = ["listening on nats://", "Listening for client connections"];
    let line =
        lines.by_ref().map_while(Result::ok).find(|line| listens.iter().any(|text| line.contains(text)));
    let port = line.and_then(|line| line.rsplit(':').next()?.trim().parse().ok());
    std::thread::spawn(move || lines.for_each(drop));
    Server { process, port: port.expect("it says where it listens") }
}

/// What the file says, as flags of nats-server.
fn flags(file: &str) -> &'static [&'static str] {
    match file {
        "" => &[],
        "tests/configs/token.conf" => &["--auth", "s3cr3t"],
        "tests/configs/user_pass.conf" => &["--user", "derek", "--pass", "s3cr3t"],
        "tests/configs/max_payload.conf" => &["-c", concat!(env!("CARGO_MANIFEST_DIR"), "/max_payload.conf")],
        _ => panic!("there is nothing like {file} here"),
    }
}

/// And as settings of the capstone.
fn settings(file: &str) -> &'static [&'static str] {
    match file {
        "" => &[],
        "tests/configs/token.conf" => &["--token", "s3cr3t"],
        "tests/configs/user_pass.conf" => &["--set", "listen.user=derek", "--set", "listen.password=s3cr3t"],
        "tests/configs/max_payload.conf" => &["--set", "listen.max_payload=128KiB"],
        _ => panic!("there is nothing like {file} here"),
    }
}

/// Only for tests that are left out.
pub fn run_cluster(_file: &str) -> Server {
    panic!("there are no clusters here")
}

/// Tells the server's clients that it will go.
pub fn set_lame_duck_mode(server: &Server) {
    let signal = if std::env::var_os("NATS_SERVER").is_some() { "-USR2" } else { "-TERM" };
    let sent = Command::new("kill").args([signal, &server.process.id().to_string()]).status();
    assert!(sent.expect("there is a kill").success());
}
