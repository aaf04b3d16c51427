//! Starts processes, kills each at its point, starts the program again, and counts what is left.

use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::fs;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::database::Database;
use crate::process::{self, CHILD, Point, REACHED, Role};
use crate::{Result, shop, warehouse};

/// A process that is killed at a point.
#[derive(Clone, Copy, Debug)]
pub struct Crash {
    /// The part of the book's table that it belongs to.
    pub part: &'static str,
    pub what: &'static str,
    /// What has run before, each to its end.
    before: &'static [Role],
    killed: Role,
    at: Point,
    /// The warehouse that runs afterwards.
    warehouse: Role,
}

const fn crash(part: &'static str, what: &'static str, killed: Role, at: Point) -> Crash {
    Crash { part, what, before: &[], killed, at, warehouse: Role::Warehouse }
}

impl Crash {
    const fn after(self, before: &'static [Role]) -> Self {
        Self { before, ..self }
    }

    const fn without_inbox(self) -> Self {
        Self { warehouse: Role::WarehouseWithoutInbox, ..self }
    }
}

const ORDERED: &[Role] = &[Role::PlaceOrder];
const PUBLISHED: &[Role] = &[Role::PlaceOrder, Role::Relay];

/// All of them, in the order of the table.
#[rustfmt::skip]
pub const CRASHES: [Crash; 11] = [
    crash("dual-write", "dual write, between commit and publish", Role::DualWrite, Point::BeforePublish),
    crash("dual-write", "publish first, before the commit", Role::PublishFirst, Point::BeforeCommit),
    crash("outbox", "outbox, before the commit", Role::PlaceOrder, Point::BeforeCommit),
    crash("outbox", "outbox, after the commit", Role::PlaceOrder, Point::AtTheEnd),
    crash("mark-first", "mark first, between mark and publish", Role::RelayMarksFirst, Point::BeforePublish).after(ORDERED),
    crash("relay", "relay, before the publish", Role::Relay, Point::BeforePublish).after(ORDERED),
    crash("relay", "relay, between publish and mark", Role::Relay, Point::AfterPublish).after(ORDERED),
    crash("relay", "the same, no inbox", Role::Relay, Point::AfterPublish).after(ORDERED).without_inbox(),
    crash("warehouse", "warehouse, before its commit", Role::Warehouse, Point::BeforeCommit).after(PUBLISHED),
    crash("warehouse", "warehouse, before it acknowledges", Role::Warehouse, Point::BeforeAcknowledge).after(PUBLISHED),
    crash("warehouse", "the same, no inbox", Role::WarehouseWithoutInbox, Point::BeforeAcknowledge).after(PUBLISHED).without_inbox(),
];

/// The head of the table.
pub fn head() -> String {
    format!("{:<38}  {:>6}  {:>8}  {:>11}\n", "killed", "orders", "messages", "lamps taken")
}

/// Plays one crash in a folder of its own and returns its row: orders, messages at the broker, lamps taken.
pub async fn row(crash: &Crash, program: &Path, folder: &Path) -> Result<String> {
    for &role in crash.before {
        run(program, role, Point::Nowhere, folder).await?;
    }
    run(program, crash.killed, crash.at, folder).await?;
    for role in [Role::Relay, crash.warehouse] {
        run(program, role, Point::Nowhere, folder).await?; // the program is started again
    }
    let shop = Database::open(&process::shop_file(folder), shop::TABLES)?;
    let warehouse = Database::open(&process::warehouse_file(folder), warehouse::TABLES)?;
    let orders = shop::orders(&shop).await?;
    let messages = process::stored(folder).await?.len();
    let taken = 5 - warehouse::lamps(&warehouse).await?;
    Ok(format!("{:<38}  {orders:>6}  {messages:>8}  {taken:>11}\n", crash.what))
}

/// Runs a child process to its end, or kills it when it has reached the point.
// ANCHOR: run
async fn run(program: &Path, role: Role, point: Point, folder: &Path) -> Result<()> {
    let mut child = Command::new(program)
        .args([CHILD, &format!("{role:?}"), &format!("{point:?}")])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = child.stdout.take().expect("it is piped");
    let mut lines = BufReader::new(output).lines();
    let reached = lines.next_line().await?.is_some_and(|line| line == REACHED);
    if reached {
        child.kill().await?; // SIGKILL on Unix: no destructor runs
    }
    let status = child.wait().await?;
    if reached != (point != Point::Nowhere) || (!reached && !status.success()) {
        return Err(format!("{role:?} up to {point:?} ended with {status}").into());
    }
    Ok(())
}
// ANCHOR_END: run

/// Plays all crashes in `folder`, with this program as its own child, and prints the table. Leaves nothing behind.
pub async fn play(folder: &Path) -> io::Result<()> {
    let program = std::env::current_exe()?;
    let folder = tempfile::Builder::new().prefix("lesson-29-").tempdir_in(folder)?;
    print!("{}", head());
    for (crash, number) in CRASHES.iter().zip(1..) {
        let folder = folder.path().join(number.to_string());
        fs::create_dir(&folder).await?;
        print!("{}", row(crash, &program, &folder).await.map_err(io::Error::other)?);
    }
    Ok(())
}
