//! [`Cluster`]: a PostgreSQL server of the benchmark's own, on a free port and in a temporary folder.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::sleep;
use tokio_postgres::{Client, NoTls};

use crate::server::ROOT;

/// Beside the defaults: commits are on the disk, as they should be; there is memory for the tables; and no checkpoint
/// falls into a round because of the round before.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=1GB",
    "max_wal_size=16GB",
    "checkpoint_timeout=1h",
    "max_connections=200",
];

/// A server that runs; ended when dropped.
pub struct Cluster {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Cluster {
    pub fn start(runtime: &Runtime) -> Result<Self, String> {
        let programs = programs().ok_or("PostgreSQL is missing: `cargo x tools` fetches it")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let servant = Servant::find();
        if let Some(servant) = &servant {
            run(Command::new("chown").arg(&servant.name).arg(folder.path()))?;
        }
        let program = |name: &str| {
            let mut command = match &servant {
                Some(servant) => servant.command(&programs.join(name)),
                None => Command::new(programs.join(name)),
            };
            command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
            command.arg("-D").arg(folder.path().join("data"));
            command
        };
        let options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
        run(program("initdb").args(options))?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        drop(listener);
        let log = fs::File::create(folder.path().join("log")).map_err(|error| error.to_string())?;
        let mut postgres = program("postgres");
        postgres.args(["-p", &port.to_string()]).args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let process = postgres.stderr(log).spawn().map_err(|error| format!("postgres: {error}"))?;
        let cluster = Self { process, folder, port };
        runtime.block_on(cluster.is_up())?;
        Ok(cluster)
    }

    /// The address of one of its databases; `postgres` is there from the start. Nobody asks for the password, but `pgmq`
    /// takes no address without one.
    pub fn address(&self, database: &str) -> String {
        format!("postgres://postgres:any@127.0.0.1:{}/{database}", self.port)
    }

    async fn is_up(&self) -> Result<(), String> {
        for _ in 0..1_000 {
            if tokio_postgres::connect(&self.address("postgres"), NoTls).await.is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(10)).await;
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        Err(format!("postgres does not listen:\n{log}"))
    }

    /// Its program and version.
    pub fn version() -> String {
        let postgres = programs().map(|programs| programs.join("postgres"));
        postgres.map(|postgres| crate::results::program(&postgres.to_string_lossy())).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Its children end when they miss it. Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A connection that ends with its client.
pub async fn connect(address: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.expect("a server that listens");
    tokio::spawn(connection);
    client
}

/// Whom the server belongs to when the benchmark runs as root, as whom it refuses to run.
struct Servant {
    name: String,
    group: String,
}

impl Servant {
    fn find() -> Option<Self> {
        if id(&["-u"])? != "0" {
            return None;
        }
        let name = if id(&["-u", "postgres"]).is_some() { "postgres" } else { "nobody" };
        Some(Self { name: name.to_owned(), group: id(&["-g", name])? })
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={}", self.name)).arg(format!("--regid={}", self.group));
        command.arg("--clear-groups").arg(program);
        command
    }
}

fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {said}")) }
}

/// The folder with PostgreSQL's programs: on the path, where Debian keeps them, or fetched by `cargo x tools`.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders.push(Path::new(ROOT).join(".tools/postgresql/18/bin"));
    let folder = folders
        .into_iter()
        .find(|folder| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file()))?;
    // What is on the path may be a link; the programs find their libraries by their own place.
    fs::canonicalize(folder.join("initdb")).ok()?.parent().map(Path::to_owned)
}
