//! `$SYS.REQ.USER.INFO`: what a client is told when it asks who it is.
//!
//! The one request to the server itself that every user may make, and that clients make by themselves.

use serde::Serialize;

use super::codec::encode::Info;
use super::permissions::{Permissions, Rule};
use super::responses;
use crate::Pattern;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<May<'a>>,
}

#[derive(Serialize)]
struct May<'a> {
    publish: Subjects<'a>,
    subscribe: Subjects<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    responses: Option<Responses>,
}

#[derive(Serialize)]
struct Subjects<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deny: Vec<&'a str>,
}

#[derive(Serialize)]
struct Responses {
    max: u32,
    /// In nanoseconds.
    ttl: u128,
}

/// The answer, as JSON, to a user of this name; it is empty where nobody has to say who it is.
pub(super) fn answer(info: &Info, user: &str, permissions: &Permissions) -> Vec<u8> {
    let server = Server {
        name: &info.server_name,
        host: &info.host,
        id: &info.server_id,
        ver: &info.version,
        jetstream: false,
    };
    let permissions = (!permissions.are_all()).then(|| May::from(permissions));
    let data = User { user, account: ACCOUNT, account_name: ACCOUNT, permissions };
    serde_json::to_vec(&Answer { server, data }).expect("texts are JSON")
}

impl<'a> From<&'a Permissions> for May<'a> {
    fn from(permissions: &'a Permissions) -> Self {
        let responses = Responses { max: 1, ttl: responses::WITHIN.as_nanos() };
        Self {
            publish: (&permissions.publish).into(),
            subscribe: (&permissions.subscribe).into(),
            responses: permissions.responds.then_some(responses),
        }
    }
}

impl<'a> From<&'a Rule> for Subjects<'a> {
    fn from(rule: &'a Rule) -> Self {
        let texts = |patterns: &'a [Pattern]| patterns.iter().map(Pattern::as_str).collect();
        Self { allow: rule.allow.as_deref().map(texts), deny: texts(&rule.deny) }
    }
}
