//! nats-server is the judge: the same lines are said to it and to the listener, and what is heard must be the same, byte for
//! byte. Where it is not, the script says what the listener answers instead, and why.

mod connecting;
mod faults;
mod headers;
mod limits;
mod publishing;
mod requests;
mod script;
mod server;
mod subscribing;
mod users;

use capstone_bus::wire::ListenerBuilder;
use serde_json::{Map, Value};

use self::script::{Script, Speaker};
use self::server::NatsServer;
use super::support::{Raw, Server};

const QUIET: &str = r#"{"verbose":false}"#;

/// Without a difference that is not told, and without one that is told and is not there.
async fn agree(nats: &[&str], ours: impl FnOnce(ListenerBuilder) -> ListenerBuilder, scripts: &[Script]) {
    let Some(nats) = NatsServer::start(nats).await else { return };
    let ours = Server::with(ours).await;
    let mut faults = Vec::new();
    for script in scripts {
        let (theirs, mine) = (script.run(nats.address).await, script.run(ours.address).await);
        faults.extend(script.fault(&theirs, &mine));
    }
    assert!(faults.is_empty(), "{} of {} scripts:\n{}", faults.len(), scripts.len(), faults.join("\n"));
}

#[tokio::test]
async fn on_publishing() {
    agree(&[], |ours| ours, &publishing::scripts()).await;
}

#[tokio::test]
async fn on_subscribing() {
    agree(&[], |ours| ours, &subscribing::scripts()).await;
}

#[tokio::test]
async fn on_headers() {
    agree(&[], |ours| ours, &headers::scripts()).await;
}

#[tokio::test]
async fn on_requests() {
    agree(&[], |ours| ours, &requests::scripts()).await;
}

#[tokio::test]
async fn on_connecting() {
    agree(&[], |ours| ours, &connecting::scripts()).await;
}

#[tokio::test]
async fn on_who_may_connect() {
    agree(&["--auth", "t"], |ours| ours.token("t"), &connecting::with_a_token()).await;
    agree(&["--user", "u", "--pass", "p"], |ours| ours.user("u", "p"), &connecting::with_a_user()).await;
}

#[tokio::test]
async fn on_what_is_not_the_protocol() {
    agree(&[], |ours| ours, &faults::scripts()).await;
}

#[tokio::test]
async fn on_limits() {
    let file = limits::nats_server_file();
    agree(&["-c", file.to_str().expect("text")], |ours| ours.limits(limits::ours()), &limits::scripts())
        .await;
}

#[tokio::test]
async fn on_what_a_user_may() {
    let file = users::nats_server_file(r#"allow: ["a.*"], deny: ["a.no"]"#);
    let nats = ["-c", file.to_str().expect("text")];
    agree(&nats, |ours| users::ours(ours, ["a.*"]), &users::scripts()).await;
}

/// What clients in typed languages read without a default must be there, and of the same type.
#[tokio::test]
async fn the_info_has_what_nats_server_never_leaves_out() {
    /// What there is nothing of here, or what only servers tell each other.
    const THEIRS_ALONE: [&str; 3] = ["git_commit", "api_lvl", "xkey"];
    let Some(nats) = NatsServer::start(&[]).await else { return };
    let server = Server::start().await;
    let (theirs, mine) =
        (Speaker::connect(nats.address).await.info, Speaker::connect(server.address).await.info);
    let (theirs, mine) = (object(&theirs["INFO ".len()..]), object(&mine["INFO ".len()..]));
    for (name, value) in theirs.iter().filter(|(name, _)| !THEIRS_ALONE.contains(&name.as_str())) {
        let ours = mine.get(name).unwrap_or_else(|| panic!("{name} is missing in {mine:?}"));
        assert_eq!(std::mem::discriminant(ours), std::mem::discriminant(value), "{name}: {ours}, {value}");
    }
    for same in ["version", "proto", "headers", "max_payload", "host", "client_ip"] {
        assert_eq!(mine[same], theirs[same], "{same}");
    }
}

#[tokio::test]
async fn who_am_i_is_answered_alike() {
    let Some(nats) = NatsServer::start(&[]).await else { return };
    let server = Server::start().await;
    let (theirs, mine) = (who_am_i(nats.address, QUIET).await, who_am_i(server.address, QUIET).await);
    assert_eq!(mine["data"], theirs["data"]);
    for (name, value) in mine["server"].as_object().expect("an object") {
        let theirs = &theirs["server"][name];
        assert_eq!(
            std::mem::discriminant(value),
            std::mem::discriminant(theirs),
            "{name}: {value}, {theirs}"
        );
    }
}

#[tokio::test]
async fn who_am_i_says_what_i_may() {
    let file = users::nats_server_file(r#"allow: ["$SYS.>"], deny: ["a.no"]"#);
    let Some(nats) = NatsServer::start(&["-c", file.to_str().expect("text")]).await else { return };
    let server = Server::with(|ours| users::ours(ours, ["$SYS.>"])).await;
    let theirs = who_am_i(nats.address, users::CONNECT).await;
    let mine = who_am_i(server.address, users::CONNECT).await;
    assert!(mine["data"]["permissions"].is_object(), "{mine}");
    assert_eq!(mine["data"], theirs["data"]);
}

async fn who_am_i(address: std::net::SocketAddr, options: &str) -> Value {
    let mut client = Raw { socket: Speaker::connect(address).await.socket };
    client.say(&format!("CONNECT {options}\r\nSUB r 1\r\nPUB $SYS.REQ.USER.INFO r 0\r\n\r\n")).await;
    let line = client.line().await;
    assert!(line.starts_with("MSG r 1 "), "{line}");
    Value::Object(object(&client.line().await))
}

fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}
