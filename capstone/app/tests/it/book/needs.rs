//! What a session needs beside the program, found or started, and the addresses that hold here in place of those on the pages.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[cfg(feature = "postgres")]
use capstone_postgres_server::Server;

use super::repository;

/// What was found, kept while the session is played.
#[derive(Default)]
pub(super) struct Found {
    /// What the book says, and what holds here.
    pub(super) addresses: Vec<(String, String)>,
    /// Where Python finds what it imports.
    pub(super) python: Vec<PathBuf>,
    /// Folders with programs.
    pub(super) programs: Vec<PathBuf>,
    #[cfg(feature = "postgres")]
    _postgres: Option<Server>,
}

/// All of it; `None` if something is missing, which is said.
pub(super) fn find<'a>(names: impl Iterator<Item = &'a str>) -> Option<Found> {
    let mut found = Found::default();
    for name in names {
        if !is_built_in(name) {
            eprintln!("skipped: the program is built without the feature {name}");
            return None;
        }
        if !found.add(name) {
            let fetched = !["curl", "node", "cc"].contains(&name);
            assert!(!fetched || std::env::var_os("CI").is_none(), "{name} is missing: cargo x tools");
            eprintln!("skipped: {name} is missing");
            return None;
        }
    }
    Some(found)
}

impl Found {
    fn add(&mut self, name: &str) -> bool {
        match name {
            "postgres" => self.start_postgres(),
            "nats" => true,
            "nats-server" => {
                let folder = repository().join(".tools/bin");
                let there = folder.join(name).is_file();
                self.programs.push(folder);
                // Free a moment ago; nobody else on this machine asks for this very one.
                let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
                self.addresses.push(("127.0.0.1:4222".into(), free.to_string()));
                self.addresses.push(("--port 4222".into(), format!("--port {}", free.port())));
                there
            }
            "nats-py" | "psycopg2" => {
                let folder = repository().join(".tools/python").join(name);
                let there = folder.is_dir();
                self.python.push(folder);
                there && answers("python3")
            }
            "python3" | "node" | "cc" | "curl" => answers(name),
            _ => panic!("what is {name}?"),
        }
    }

    #[cfg(feature = "postgres")]
    fn start_postgres(&mut self) -> bool {
        let Some(server) = Server::start_durable() else { return false };
        let real = server.address("postgres");
        // Without the user, as the program says it.
        self.addresses.push(("postgres://localhost/shop".into(), real.replace("postgres@", "")));
        self.addresses.push(("postgres://shop@localhost/shop".into(), real));
        self._postgres = Some(server);
        true
    }

    #[cfg(not(feature = "postgres"))]
    fn start_postgres(&mut self) -> bool {
        false
    }
}

/// Other names are no features.
fn is_built_in(name: &str) -> bool {
    match name {
        "postgres" => cfg!(feature = "postgres"),
        "nats" => cfg!(feature = "nats"),
        _ => true,
    }
}

fn answers(program: &str) -> bool {
    let run = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}
