//! Who may come in, and what each may publish and subscribe to: as nats-server does it with the same permissions.

use capstone_bus::Bus;
use capstone_bus::wire::{ListenError, Listener, User};

use super::support::{Raw, Server, patterns};
use crate::support::message;

async fn server() -> Server {
    Server::with(|builder| {
        builder
            .add_user(User::with_password("all", "a"))
            .add_user(
                User::with_password("some", "s")
                    .may_publish(patterns(["foo.*", "q.>"]))
                    .may_not_publish(patterns(["foo.no"]))
                    .may_subscribe(patterns(["foo.*", "bar.>", "_INBOX.>"]))
                    .may_not_subscribe(patterns(["bar.no", "foo.n.*"])),
            )
            .add_user(User::with_token("r").may_subscribe(patterns(["svc.>"])).may_respond())
            .add_user(User::with_token("d").may_not_subscribe(patterns(["secret.>"])))
    })
    .await
}

async fn login(server: &Server, name: &str, password: &str) -> Raw {
    let options = format!(r#""headers":true,"no_responders":true,"user":"{name}","pass":"{password}""#);
    server.client_with(&options).await
}

async fn token(server: &Server, token: &str) -> Raw {
    server.client_with(&format!(r#""auth_token":"{token}""#)).await
}

#[tokio::test]
async fn what_a_user_may_not_publish_is_refused_and_the_connection_stays() {
    let server = server().await;
    let mut all = server.bus.subscribe(">").expect("a pattern");
    let mut some = login(&server, "some", "s").await;
    for subject in ["foo.a", "q.a.b"] {
        some.dialogue(&format!("PUB {subject} 0\r\n\r\n"), "").await;
        assert_eq!(all.try_recv().expect("a message").topic.as_str(), subject);
    }
    // Twice: it is remembered, and refused all the same.
    for subject in ["foo.no", "other", "foo", "foo.a.b", "q", "foo.no"] {
        let violation = format!("-ERR 'Permissions Violation for Publish to \"{subject}\"'\r\n");
        some.dialogue(&format!("PUB {subject} 1\r\nx\r\n"), &violation).await;
        let violation = format!("-ERR 'Permissions Violation for Publish to \"{subject}\"'\r\n");
        some.dialogue(&format!("PUB {subject} _INBOX.1 1\r\nx\r\n"), &violation).await;
    }
    assert!(all.try_recv().is_err());
}

/// Who asks must not wait for its timeout.
#[tokio::test]
async fn a_request_that_a_user_may_not_make_ends_at_once() {
    let server = server().await;
    let mut some = login(&server, "some", "s").await;
    some.dialogue("SUB _INBOX.1 1\r\n", "").await;
    let violation = "-ERR 'Permissions Violation for Publish to \"foo.no\"'\r\n";
    let ended = "HMSG _INBOX.1 1 38 38\r\nNATS/1.0 503\r\nNats-Subject: foo.no\r\n\r\n\r\n";
    some.dialogue("PUB foo.no _INBOX.1 1\r\nx\r\n", &format!("{violation}{ended}")).await;

    let client = async_nats::ConnectOptions::with_user_and_password("some".into(), "s".into());
    let client = client.request_timeout(None).connect(format!("nats://{}", server.address)).await;
    let asked = client.expect("a user").request("foo.no", "x".into()).await;
    assert_eq!(asked.expect_err("denied").kind(), async_nats::RequestErrorKind::NoResponders);
}

#[tokio::test]
async fn every_user_may_ask_who_it_is_and_hears_what_it_may() {
    let server = server().await;
    let mut some = login(&server, "some", "s").await;
    some.say("SUB foo.r 1\r\nPUB $SYS.REQ.USER.INFO foo.r 0\r\n\r\n").await;
    assert!(some.line().await.starts_with("MSG foo.r 1 "));
    let answer: serde_json::Value = serde_json::from_str(&some.line().await).expect("JSON");
    assert_eq!(answer["data"]["user"], "some");
    let permissions = serde_json::json!({
        "publish": { "allow": ["foo.*", "q.>"], "deny": ["foo.no"] },
        "subscribe": { "allow": ["foo.*", "bar.>", "_INBOX.>"], "deny": ["bar.no", "foo.n.*"] },
    });
    assert_eq!(answer["data"]["permissions"], permissions);
}

#[tokio::test]
async fn what_a_user_may_not_subscribe_to_is_refused_or_hidden() {
    let server = server().await;
    let mut some = login(&server, "some", "s").await;
    for pattern in [">", "*", "bar.no", "foo", "foo.>", "foo.*.x", "*.a", "$DLQ.>"] {
        let violation = format!("-ERR 'Permissions Violation for Subscription to \"{pattern}\"'\r\n");
        some.dialogue(&format!("SUB {pattern} 1\r\n"), &violation).await;
    }
    some.dialogue("SUB foo.* 1\r\nSUB bar.> 2\r\nSUB bar.* group 3\r\nSUB bar.no.> 4\r\n", "").await;
    let mut all = login(&server, "all", "a").await;
    for _ in 0..2 {
        all.dialogue("PUB bar.no 2\r\nno\r\nPUB bar.no.a 3\r\nyes\r\nPUB foo.a 1\r\n1\r\n", "").await;
        some.hears("MSG bar.no.a 2 3\r\nyes\r\nMSG bar.no.a 4 3\r\nyes\r\nMSG foo.a 1 1\r\n1\r\n").await;
    }
    // Nobody in the group gets it either.
    let receipt = server.bus.publish(message("bar.no", "x")).await.expect("open");
    assert_eq!(receipt.matched, 0);
    let mut denied = token(&server, "d").await;
    let violation = "-ERR 'Permissions Violation for Subscription to \"secret.a\"'\r\n";
    denied.dialogue("SUB > 1\r\nSUB secret.a 2\r\n", violation).await;
    all.dialogue("PUB secret.a 0\r\n\r\nPUB public 0\r\n\r\n", "").await;
    denied.dialogue("", "MSG public 1 0\r\n\r\n").await;
}

#[tokio::test]
async fn who_was_asked_may_respond_once_and_nowhere_else() {
    let server = server().await;
    let (mut asks, mut responds) = (login(&server, "all", "a").await, token(&server, "r").await);
    let violation = |subject| format!("-ERR 'Permissions Violation for Publish to \"{subject}\"'\r\n");
    responds.dialogue("SUB svc.a 1\r\nPUB x 1\r\nx\r\n", &violation("x")).await;
    asks.dialogue("SUB reply.* 1\r\nPUB svc.a reply.1 1\r\n?\r\n", "").await;
    responds.hears("MSG svc.a 1 reply.1 1\r\n?\r\n").await;
    responds.dialogue("PUB reply.2 1\r\n!\r\n", &violation("reply.2")).await;
    responds.dialogue("PUB reply.1 1\r\n!\r\nPUB reply.1 1\r\n!\r\n", &violation("reply.1")).await;
    asks.dialogue("", "MSG reply.1 1 1\r\n!\r\n").await;

    // So is a request of this process.
    let bus = server.bus.clone();
    let asked = tokio::spawn(async move { bus.request("svc.a", "?").await });
    responds.hears("MSG svc.a 1 $INBOX.").await;
    let mut rest = Vec::new();
    while !rest.ends_with(b" 1\r\n?\r\n") {
        rest.push(tokio::io::AsyncReadExt::read_u8(&mut responds.socket).await.expect("a message"));
    }
    let number = String::from_utf8(rest).expect("text").replace(" 1\r\n?\r\n", "");
    responds.dialogue(&format!("PUB $INBOX.{number} 1\r\n!\r\n"), "").await;
    assert_eq!(asked.await.expect("no panic").expect("a reply").payload, "!");
}

#[tokio::test]
async fn another_connect_makes_another_user_with_what_that_one_may_do() {
    let server = server().await;
    let mut client = login(&server, "all", "a").await;
    client.dialogue("SUB secret 1\r\nPUB other 0\r\n\r\n", "").await;
    client.dialogue("CONNECT {\"user\":\"some\",\"pass\":\"s\"}\r\n", "").await;
    client.dialogue("PUB foo.a 0\r\n\r\n", "").await;
    let violation = "-ERR 'Permissions Violation for Publish to \"other\"'\r\n";
    client.dialogue("PUB other 0\r\n\r\n", violation).await;
    assert_eq!(server.bus.stats().active, 0, "its subscriptions have ended");
    client.say("CONNECT {\"user\":\"all\",\"pass\":\"s\"}\r\n").await;
    client.ends_with("-ERR 'Authorization Violation'\r\n").await;
}

#[tokio::test]
async fn whoever_is_no_user_is_kept_out() {
    let server = server().await;
    for wrong in [
        "{}",
        r#"{"user":"some","pass":"a"}"#,
        r#"{"user":"nobody","pass":"a"}"#,
        r#"{"user":"some"}"#,
        r#"{"auth_token":"s"}"#,
    ] {
        let mut stranger = server.connect().await;
        stranger.say(&format!("CONNECT {wrong}\r\n")).await;
        stranger.ends_with("-ERR 'Authorization Violation'\r\n").await;
    }
    server.counted(|stats| stats.unauthorised == 5).await;
    let bus = Bus::new();
    let twice = Listener::builder(&bus).user("u", "p").user("u", "q").bind("127.0.0.1:0").await;
    assert!(matches!(twice, Err(ListenError::SameName(name)) if name == "u"));
}

#[tokio::test]
async fn a_real_client_is_told_what_it_may_not_do() {
    let server = server().await;
    let (told, mut hears) = tokio::sync::mpsc::channel(8);
    let options = async_nats::ConnectOptions::with_user_and_password("some".into(), "s".into());
    let options = options.event_callback(move |event| {
        let told = told.clone();
        async move { drop(told.send(event.to_string()).await) }
    });
    let client = options.connect(format!("nats://{}", server.address)).await.expect("a user");
    client.publish("other", "x".into()).await.expect("connected");
    let violation = async {
        loop {
            let event = hears.recv().await.expect("the client lives");
            if event.to_lowercase().contains("permissions violation for publish to \"other\"") {
                break;
            }
        }
    };
    tokio::time::timeout(super::support::NEVER, violation).await.expect("it is told");
    client.publish("foo.a", "x".into()).await.expect("connected");
    client.flush().await.expect("it is still there");
}
