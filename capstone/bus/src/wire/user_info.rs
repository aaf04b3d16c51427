//! `$SYS.REQ.USER.INFO`: what a client is told when it asks who it is.
//!
//! The one request to the server itself that every user may make, and that clients make by themselves.

use serde::Serialize;

use super::codec::encode::Info;

/// Where it is asked.
pub(super) const SUBJECT: &[u8] = b"$SYS.REQ.USER.INFO";
/// nats-server's name for the account of all who have no other.
const ACCOUNT: &str = "$G";

#[derive(Serialize)]
struct Answer<'a> {
    server: Server<'a>,
    data: User<'a>,
}

#[derive(Serialize)]
struct Server<'a> {
    name: &'a str,
    host: &'a str,
    id: &'a str,
    ver: &'a str,
    jetstream: bool,
}

#[derive(Serialize)]
struct User<'a> {
    user: &'a str,
    account: &'a str,
    account_name: &'a str,
}

/// The answer, as JSON, to a user of this name; it is empty where nobody has to say who it is.
pub(super) fn answer(info: &Info, user: &str) -> Vec<u8> {
    let server = Server {
        name: &info.server_name,
        host: &info.host,
        id: &info.server_id,
        ver: &info.version,
        jetstream: false,
    };
    let data = User { user, account: ACCOUNT, account_name: ACCOUNT };
    serde_json::to_vec(&Answer { server, data }).expect("texts are JSON")
}
