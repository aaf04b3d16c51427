//! What a child process does: one role, on real files, until it comes to the point where it is to be killed. There it
//! stands still, so that the parent need not guess the moment.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};

use shared::Journal;
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Builder;

use crate::broker::{Broker, Message, Unconfirmed};
use crate::database::Database;
use crate::{Result, relay, shop, warehouse, wrong};

/// The first argument of a child. The others are its role, its point and its folder.
pub const CHILD: &str = "--child";

/// What a child prints when it stands still.
pub const REACHED: &str = "reached";

/// What a process does before it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    DualWrite,
    PublishFirst,
    PlaceOrder,
    Relay,
    RelayMarksFirst,
    Warehouse,
    WarehouseWithoutInbox,
}

/// Where a process stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// It runs to its end.
    Nowhere,
    BeforePublish,
    AfterPublish,
    BeforeCommit,
    BeforeAcknowledge,
    AtTheEnd,
}

const ROLES: [Role; 7] = [
    Role::DualWrite,
    Role::PublishFirst,
    Role::PlaceOrder,
    Role::Relay,
    Role::RelayMarksFirst,
    Role::Warehouse,
    Role::WarehouseWithoutInbox,
];

const POINTS: [Point; 6] = [
    Point::Nowhere,
    Point::BeforePublish,
    Point::AfterPublish,
    Point::BeforeCommit,
    Point::BeforeAcknowledge,
    Point::AtTheEnd,
];

/// Does what the arguments behind [`CHILD`] say.
pub fn child(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    let done = match &arguments[..] {
        [role, point, folder] => parsed(role, point).and_then(|(role, point)| {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(act(role, point, Path::new(folder)))
        }),
        _ => Err("a child has a role, a point and a folder".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parsed(role: &str, point: &str) -> Result<(Role, Point)> {
    let role = ROLES.into_iter().find(|known| format!("{known:?}") == role).ok_or("no such role")?;
    let point = POINTS.into_iter().find(|known| format!("{known:?}") == point).ok_or("no such point")?;
    Ok((role, point))
}

async fn act(role: Role, point: Point, folder: &Path) -> Result<()> {
    let journal = Journal::new();
    let shop = Database::open(&shop_file(folder), shop::TABLES)?;
    let warehouse = Database::open(&warehouse_file(folder), warehouse::TABLES)?;
    let broker = FileBroker { file: broker_file(folder), point };
    if point == Point::BeforeCommit {
        shop.before_each_commit(|| stand_still())?;
        warehouse.before_each_commit(|| stand_still())?;
    }
    match role {
        Role::DualWrite => wrong::dual_write(&shop, &broker, 1, &journal).await?,
        Role::PublishFirst => wrong::publish_first(&shop, &broker, 1, &journal).await?,
        Role::PlaceOrder => shop::place_order(&shop, 1).await?,
        Role::Relay => drop(relay::step(&shop, &broker, &journal).await?),
        Role::RelayMarksFirst => wrong::mark_first(&shop, &broker, &journal).await?,
        Role::Warehouse | Role::WarehouseWithoutInbox => consume(role, point, &warehouse, folder).await?,
    }
    if point == Point::AtTheEnd {
        stand_still();
    }
    Ok(())
}

/// Handles what the broker has stored and the warehouse has not acknowledged.
async fn consume(role: Role, point: Point, warehouse: &Database, folder: &Path) -> Result<()> {
    let acknowledged_file = folder.join("acknowledged.txt");
    let acknowledged = fs::read_to_string(&acknowledged_file).await.unwrap_or_default();
    let acknowledged: usize = acknowledged.trim().parse().unwrap_or(0);
    for (message, number) in stored(folder).await?.into_iter().zip(1..).skip(acknowledged) {
        match role {
            Role::Warehouse => drop(warehouse::receive(warehouse, message).await?),
            _ => wrong::take_a_lamp(warehouse).await?,
        }
        if point == Point::BeforeAcknowledge {
            stand_still();
        }
        fs::write(&acknowledged_file, format!("{number}\n")).await?;
    }
    Ok(())
}

/// Stands for another program: a file that survives the crash of ours.
struct FileBroker {
    file: PathBuf,
    point: Point,
}

impl FileBroker {
    async fn append(&self, message: &Message) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file).await?;
        file.write_all(format!("{}\t{}\n", message.id, message.body).as_bytes()).await?;
        file.sync_all().await
    }
}

impl Broker for FileBroker {
    async fn publish(&self, message: &Message) -> std::result::Result<(), Unconfirmed> {
        if self.point == Point::BeforePublish {
            stand_still();
        }
        self.append(message).await.map_err(|_| Unconfirmed)?;
        if self.point == Point::AfterPublish {
            stand_still();
        }
        Ok(())
    }
}

/// What is in the broker's file.
pub(crate) async fn stored(folder: &Path) -> io::Result<Vec<Message>> {
    let file = broker_file(folder);
    let text = if fs::try_exists(&file).await? { fs::read_to_string(&file).await? } else { String::new() };
    let message = |(id, body): (&str, &str)| Message { id: id.to_owned(), body: body.to_owned() };
    Ok(text.lines().filter_map(|line| line.split_once('\t')).map(message).collect())
}

pub(crate) fn shop_file(folder: &Path) -> PathBuf {
    folder.join("shop.db")
}

pub(crate) fn warehouse_file(folder: &Path) -> PathBuf {
    folder.join("warehouse.db")
}

fn broker_file(folder: &Path) -> PathBuf {
    folder.join("broker.txt")
}

/// Reports that the point is reached, and waits to be killed. It ends by itself when the parent is gone.
// ANCHOR: stand-still
fn stand_still() -> ! {
    println!("{REACHED}");
    io::stdin().read_line(&mut String::new()).ok(); // blocks the thread: nothing else is to happen here
    process::exit(1)
}
// ANCHOR_END: stand-still
