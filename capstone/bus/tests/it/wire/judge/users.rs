//! What a user may and may not do.

use std::path::PathBuf;

use capstone_bus::wire::{ListenerBuilder, User};

use super::script::Script;
use super::server::folder;
use crate::wire::support::patterns;

/// Says who `u` is.
pub(super) const CONNECT: &str =
    r#"{"verbose":false,"headers":true,"no_responders":true,"user":"u","pass":"p"}"#;

pub(super) fn nats_server_file(publish: &str) -> PathBuf {
    let file = folder().join("users.conf");
    let subscribe = r#"{ allow: ["r"], deny: ["r.no"] }"#;
    let may = format!("{{ publish: {{ {publish} }}, subscribe: {subscribe}, allow_responses: true }}");
    let text = format!("authorization {{ users: [{{ user: u, password: p, permissions: {may} }}] }}\n");
    std::fs::write(&file, text).expect("a file");
    file
}

pub(super) fn ours(builder: ListenerBuilder, publish: [&str; 1]) -> ListenerBuilder {
    let user =
        User::with_password("u", "p").may_publish(patterns(publish)).may_not_publish(patterns(["a.no"]));
    let user = user.may_subscribe(patterns(["r"])).may_not_subscribe(patterns(["r.no"]));
    builder.add_user(user.may_respond())
}

pub(super) fn scripts() -> Vec<Script> {
    let user = |name| Script::new(name).connect(CONNECT);
    vec![
        user("a publish that is allowed").says("SUB r 1\r\nPUB a.b r 0\r\n\r\n"),
        user("one that is denied").says("PUB other 1\r\nx\r\nPUB a.no 0\r\n\r\n"),
        user("a subscription that is denied").says("SUB other 1\r\nSUB other group 2\r\nSUB > 3\r\n"),
        user("a request that is denied").says("SUB r 1\r\n").says("PUB a.no r 1\r\nx\r\n").differs(
            "a request that is refused ends at once, too",
            r#"-ERR \'Permissions Violation for Publish to \"a.no\"\'\r\nHMSG r 1 36 36\r\nNATS/1.0 503\r\nNats-Subject: a.no\r\n\r\n\r\n"#,
        ),
        Script::new("one that is denied, of who does not want to know")
            .connect(r#"{"verbose":false,"headers":true,"user":"u","pass":"p"}"#)
            .says("SUB r 1\r\n")
            .says("PUB a.no r 0\r\n\r\n"),
        user("who am I, without a reply, of who may not publish there")
            .says("PUB $SYS.REQ.USER.INFO 0\r\n\r\n")
            .differs("every user may ask who it is, as clients do by themselves", ""),
    ]
}
