//! What happens at limits that both have.

use std::path::PathBuf;

use capstone_bus::wire::Limits;

use super::script::Script;
use super::server::folder;

pub(super) fn nats_server_file() -> PathBuf {
    let file = folder().join("limits.conf");
    let text = "max_subscriptions: 3\nmax_payload: 100\nmax_control_line: 128\n";
    std::fs::write(&file, text).expect("a file");
    file
}

pub(super) fn ours() -> Limits {
    Limits::default().subscriptions_max(3).payload_max(100).control_line_max(128)
}

pub(super) fn scripts() -> Vec<Script> {
    let subscribe = |sids: std::ops::RangeInclusive<u32>| -> String {
        sids.map(|sid| format!("SUB t{sid} {sid}\r\n")).collect()
    };
    let publish: String = (1..=5).map(|n| format!("PUB t{n} 0\r\n\r\n")).collect();
    let payload = "x".repeat(100);
    vec![
        Script::new("one subscription too many").says(subscribe(1..=4)).says(&publish),
        Script::new("two too many, and another in place of one")
            .says(subscribe(1..=5))
            .says("UNSUB 2\r\nSUB t5 5\r\n")
            .says(&publish),
        Script::new("one too many, every command answered")
            .connect("{}")
            .says(subscribe(1..=4))
            .says(&publish),
        Script::new("one too many, and a sid that is taken")
            .says(subscribe(1..=3))
            .says("SUB t9 3\r\n")
            .says(&publish),
        Script::new("others have their own")
            .says(subscribe(1..=3))
            .other(subscribe(1..=3))
            .says(&publish)
            .other(""),
        Script::new("the largest payload").says("SUB a 1\r\n").says(format!("PUB a 100\r\n{payload}\r\n")),
        Script::new("a larger one").ends("PUB a 101\r\n"),
        Script::new("a line that is too long").ends(format!("SUB {} 1", "x".repeat(200))),
        Script::new("a CONNECT that is too long")
            .ends(format!("CONNECT {{\"name\":\"{}\"}}\r\n", "x".repeat(200))),
        Script::new("the longest line").says(format!("SUB {} 1\r\n", "x".repeat(126))),
    ]
}
