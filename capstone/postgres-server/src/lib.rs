//! A private PostgreSQL on a free port, in a temporary directory: tests can stop it, kill it and freeze it.
//!
//! For tests, the crash campaign and benchmarks only: what goes wrong is a panic. One server is shared by the tests of a
//! binary, each with a database of its own; a test that harms its server starts another one. A shell that waits for the end
//! of the test's process ends the server and removes its files, whatever way the tests have ended.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Ends whatever server runs in the folder once its standard input is closed, then removes the folder.
///
/// Whatever ends a whole group of processes must not end this one before its work.
const UNDERTAKER: &str = r#"
trap '' HUP INT TERM
read -r _
postmaster=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
[ -z "$postmaster" ] || sh -c "$2" signal -KILL "$postmaster" 2>/dev/null
rm -rf "$1"
"#;

/// Sends a signal to the postmaster and its children; after a deadly one it waits until they are gone.
const SIGNAL: &str = r#"
kill -STOP "$2"
all="$2 $(ps -o pid= --ppid "$2")"
kill "$1" $all
case "$1" in
  -KILL) while ps -o stat= -p "$(echo $all | tr ' ' ,)" | grep -q '^[^Z]'; do sleep 0.02; done ;;
esac
"#;

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// Beside its defaults: `name=value`.
    settings: &'static [&'static str],
    /// Ends the server when this process is gone, and with it the pipe.
    undertaker: Child,
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug)]
pub enum Stop {
    /// Ends the sessions, writes everything.
    Fast,
    /// Ends at once and writes nothing more; who comes next recovers.
    Immediate,
    /// Like a power cut, as far as the sessions and the shared memory can tell.
    Kill,
}

impl Server {
    /// The server that the tests of this binary share; `None` where PostgreSQL is missing, which is said.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A server for one test alone. Tests kill processes, not the machine: the system keeps what was written, so nothing
    /// waits for the disk.
    pub fn start() -> Option<Self> {
        Self::start_with(&["fsync=off"])
    }

    /// One that writes as in production.
    pub fn start_durable() -> Option<Self> {
        Self::start_with(&[])
    }

    /// One that writes as in production, with these settings, each a `name=value`.
    pub fn start_with(settings: &'static [&'static str]) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is missing: cargo x tools");
            eprintln!("skipped: PostgreSQL is missing: cargo x tools");
            return None;
        };
        let server = Self::lodge(programs, settings);
        let arguments =
            ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
        done(server.program("initdb").args(arguments).arg("-D").arg(server.data()));
        server.run();
        Some(server)
    }

    /// An asynchronous standby, with everything that is there now, which follows from then on.
    #[must_use]
    pub fn standby(&self) -> Self {
        let standby = Self::lodge(self.programs.clone(), self.settings);
        let source = format!("host=127.0.0.1 port={} user=postgres", self.port);
        let arguments = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname"];
        done(standby.program("pg_basebackup").args(arguments).arg(source).arg("-D").arg(standby.data()));
        standby.run();
        standby
    }

    /// The standby hears no more of what its primary commits.
    pub fn cut_off(&self) {
        let settings = self.data().join("postgresql.auto.conf");
        let mut text = fs::read_to_string(&settings).unwrap();
        // The last of several counts.
        text += "primary_conninfo = ''\n";
        fs::write(&settings, text).unwrap();
        self.control(&["reload", "-s"]);
    }

    /// Makes the standby a primary, with what it has.
    pub fn promote(&self) {
        self.control(&["promote", "-w", "-s"]);
    }

    /// Everything that is in a database now, in a file that goes with the server.
    #[must_use]
    pub fn dump(&self, database: &str) -> PathBuf {
        let file = self.folder.join("dump");
        done(
            self.program("pg_dump")
                .args(["--format=custom", "--file"])
                .arg(&file)
                .arg(self.address(database)),
        );
        file
    }

    /// Puts such a file into an empty database.
    pub fn restore(&self, dump: &Path, database: &str) {
        let address = self.address(database);
        done(self.program("pg_restore").args(["--exit-on-error", "--dbname", &address]).arg(dump));
    }

    /// A place to live, and somebody who clears it away.
    fn lodge(programs: PathBuf, settings: &'static [&'static str]) -> Self {
        let folder = tempfile::Builder::new().prefix("postgres").tempdir().unwrap().keep();
        if is_root() {
            done(Command::new("chown").args([servant(), "--"]).arg(&folder));
        }
        let mut undertaker = Command::new("sh");
        undertaker.args(["-c", UNDERTAKER, "undertaker"]).arg(&folder).arg(SIGNAL).stdin(Stdio::piped());
        // Free a moment ago; nobody else on this machine asks for this very one.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { programs, folder, port, settings, undertaker: undertaker.spawn().unwrap() }
    }

    /// Starts it again after a stop.
    pub fn run(&self) {
        let mut options = format!("-p {}", self.port);
        let ours = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"];
        for setting in ours.iter().chain(self.settings) {
            options += &format!(" -c {setting}");
        }
        let log = self.folder.join("log");
        done(
            self.program("pg_ctl")
                .args(["start", "-w", "-s", "-o", &options, "-l"])
                .arg(log)
                .arg("-D")
                .arg(self.data()),
        );
    }

    /// Ends it; [`run`](Self::run) starts it again.
    pub fn stop(&self, how: Stop) {
        match how {
            Stop::Fast => self.control(&["stop", "-w", "-s", "-m", "fast"]),
            Stop::Immediate => self.control(&["stop", "-w", "-s", "-m", "immediate"]),
            Stop::Kill => {
                self.signal("-KILL");
                // A dead postmaster that its parent has not looked after yet still counts as one that runs.
                fs::remove_file(self.data().join("postmaster.pid")).unwrap();
            }
        }
    }

    /// Stops the clock of all its processes: connections stay open, nothing answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// After [`freeze`](Self::freeze).
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// The address of a database on whichever of both can be written.
    pub fn address_with(&self, other: &Self, database: &str) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/{database}?target_session_attrs=read-write",
            self.port, other.port
        )
    }

    /// The address of one of its databases; `postgres` is there from the start.
    pub fn address(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// From now on it lets in who comes over TLS, with a certificate and its key in PEM, and nobody else.
    pub fn encrypt(&self, certificate: &str, key: &str) {
        let allowed = "hostssl all all 127.0.0.1/32 trust\n";
        for (name, content) in [("server.crt", certificate), ("server.key", key), ("pg_hba.conf", allowed)] {
            let file = self.data().join(name);
            fs::write(&file, content).unwrap();
            done(Command::new("chmod").arg("600").arg(&file));
            if is_root() {
                done(Command::new("chown").args([servant(), "--"]).arg(&file));
            }
        }
        let settings = self.data().join("postgresql.auto.conf");
        fs::write(settings, "ssl = on\n").unwrap();
        self.stop(Stop::Fast);
        self.run();
    }

    fn control(&self, arguments: &[&str]) {
        done(self.program("pg_ctl").args(arguments).arg("-D").arg(self.data()));
    }

    fn signal(&self, signal: &str) {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let postmaster = file.lines().next().unwrap();
        done(Command::new("sh").args(["-c", SIGNAL, "signal", signal, postmaster]));
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// One of PostgreSQL's programs. They refuse to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            let (user, group) = (format!("--reuid={}", servant()), format!("--regid={}", servant_group()));
            command.args([&user, &group, "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.undertaker.stdin.take());
        self.undertaker.wait().unwrap();
    }
}

#[track_caller]
fn done(command: &mut Command) {
    let mut errors = tempfile::tempfile().unwrap();
    // Not a pipe: a server that was started would keep it open.
    let status = command.stdout(Stdio::null()).stderr(errors.try_clone().unwrap()).status();
    let mut said = String::new();
    std::io::Seek::rewind(&mut errors).unwrap();
    std::io::Read::read_to_string(&mut errors, &mut said).unwrap();
    assert!(status.as_ref().is_ok_and(|status| status.success()), "{command:?}: {status:?}\n{said}");
}

/// The folder with PostgreSQL's programs: on the path, where Debian keeps them, or fetched by `cargo x tools`.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/postgresql/18/bin"));
    let has_all =
        |folder: &Path| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file());
    let folder = folders.into_iter().find(|folder| has_all(folder))?;
    // What is on the path may be a link; the programs find their libraries by their own place.
    let program = fs::canonicalize(folder.join("initdb")).ok()?;
    program.parent().map(Path::to_owned)
}

fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| output("id", ["-u"]).is_some_and(|id| id.trim() == "0"))
}

/// Whom the server belongs to when the tests run as root.
fn servant() -> &'static str {
    static SERVANT: OnceLock<&str> = OnceLock::new();
    SERVANT.get_or_init(|| if output("id", ["-u", "postgres"]).is_some() { "postgres" } else { "nobody" })
}

fn servant_group() -> String {
    output("id", ["-g", servant()]).expect("the user exists").trim().to_owned()
}

fn output(program: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
