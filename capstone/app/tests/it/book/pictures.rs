//! The pictures of the book's part on the capstone.

use std::fs;

use super::picture::{Arrow, Part, Picture};
use super::repository;

#[test]
fn the_pictures_are_as_they_are_drawn() {
    let folder = repository().join("book/src/img/capstone");
    for picture in [WAY, SHARED] {
        let (path, drawn) = (folder.join(picture.name).with_extension("svg"), picture.svg());
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            fs::create_dir_all(&folder).unwrap();
            fs::write(path, drawn).unwrap();
        } else {
            let kept = fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
            assert!(kept == drawn, "{} is drawn in another way: BLESS=1 if that is intended", picture.name);
        }
    }
}

const WAY: Picture<'_> = Picture {
    name: "way",
    title: "A message's way through the engine",
    rows: &[
        &[Part { name: "service", lines: &["its own transaction: business row and message"] }],
        &[Part { name: "database", lines: &["the table outbox, beside the service's own tables"] }],
        &[
            Part { name: "session", lines: &["does, decides nothing"] },
            Part { name: "core", lines: &["decides, does nothing"] },
        ],
        &[Part { name: "sink", lines: &["a file, JetStream, a stream, the bus, or yours"] }],
        &[Part { name: "consumer", lines: &["knows each id that it has acted on"] }],
    ],
    arrows: &[
        Arrow { from: "service", to: "database", what: "commits the order and its message, or neither" },
        Arrow {
            from: "database",
            to: "session",
            what: "rows behind a cursor, up to 500 at a time, of the lanes that this relay leases",
        },
        Arrow {
            from: "session",
            to: "sink",
            what: "publishes what the core allows: at most one message of a key at a time, at most 1,024 in all",
        },
        Arrow {
            from: "sink",
            to: "session",
            what: "has stored it, or says why not; the session tells the core, which decides what follows",
        },
        Arrow {
            from: "session",
            to: "database",
            what: "deletes what was stored, many rows in one transaction. Only then is there room for others",
        },
        Arrow {
            from: "sink",
            to: "consumer",
            what: "the message, once; after a crash perhaps twice, with the same id",
        },
    ],
    talks: &[("session", "core")],
};

const SHARED: Picture<'_> = Picture {
    name: "shared",
    title: "Two relays share 64 lanes of one database",
    rows: &[
        &[Part { name: "service A", lines: &["enqueues"] }, Part { name: "service B", lines: &["enqueues"] }],
        &[Part { name: "PostgreSQL", lines: &["64 lanes; a key is always in the same one"] }],
        &[
            Part { name: "relay 1", lines: &["leases 32 lanes"] },
            Part { name: "relay 2", lines: &["leases the other 32"] },
        ],
        &[Part { name: "JetStream", lines: &["stores, and drops an id that it knows"] }],
    ],
    arrows: &[
        Arrow {
            from: "service A",
            to: "PostgreSQL",
            what: "locks the keys of its messages until the commit, so that a key's numbers are in the order of commits",
        },
        Arrow {
            from: "service B",
            to: "PostgreSQL",
            what: "the same; it waits only if it has a key in common",
        },
        Arrow { from: "PostgreSQL", to: "relay 1", what: "rows of its lanes, which no other relay reads" },
        Arrow {
            from: "PostgreSQL",
            to: "relay 2",
            what: "rows of the other lanes. When one relay ends, the other has all 64",
        },
        Arrow {
            from: "relay 1",
            to: "JetStream",
            what: "one message of a key at a time, with its id as Nats-Msg-Id",
        },
        Arrow { from: "relay 2", to: "JetStream", what: "the same, for other keys" },
    ],
    talks: &[],
};
