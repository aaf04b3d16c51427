//! Requests: who is there to answer, and who may.

use capstone_bus::Subscription;
use tokio::time::timeout;

use super::support::{NEVER, Server};

#[tokio::test]
async fn a_request_that_nobody_is_there_for_is_answered_at_once() {
    let server = Server::start().await;
    let mut client = server.client_with(r#""pedantic":false,"headers":true,"no_responders":true"#).await;
    let status = |subject: &str| {
        let length = "NATS/1.0 503\r\nNats-Subject: \r\n\r\n".len() + subject.len();
        format!("HMSG _INBOX.x.1 9 {length} {length}\r\nNATS/1.0 503\r\nNats-Subject: {subject}\r\n\r\n\r\n")
    };
    client.dialogue("SUB _INBOX.x.* 9\r\n", "").await;
    let long = "x".repeat(4_000);
    // The last ones are refused, which ends a request as well.
    for subject in ["nobody", "$JS.API.INFO", &long, "a..b", "$SYS.x", "$DLQ.a", "$INBOX.7", "a.*"] {
        client.dialogue(&format!("PUB {subject} _INBOX.x.1 0\r\n\r\n"), &status(subject)).await;
    }
    client.dialogue("PUB nobody 0\r\n\r\n", "").await;
    client.dialogue("PUB nobody elsewhere 0\r\n\r\n", "").await;
    let _somebody = server.bus.subscribe("nobody").expect("a pattern");
    client.dialogue("PUB nobody _INBOX.x.3 0\r\n\r\n", "").await;
    let mut indifferent = server.client_with(r#""headers":true"#).await;
    indifferent.dialogue("SUB i 1\r\nPUB none i 0\r\n\r\n", "").await;
    let mut wrong = server.connect().await;
    wrong.say("CONNECT {\"verbose\":false,\"no_responders\":true}\r\n").await;
    wrong.ends_with("-ERR 'no responders requires headers support'\r\n").await;
}

/// Where the request waits that comes next.
async fn inbox(subscription: &mut Subscription) -> String {
    subscription.recv().await.and_then(|question| question.reply().cloned()).expect("a request").to_string()
}

#[tokio::test]
async fn a_request_of_this_process_is_answered_by_a_client_once() {
    let server = Server::start().await;
    let (mut client, mut other) = (server.client().await, server.client().await);
    client.dialogue("SUB ask 1\r\n", "").await;
    let asked = server.bus.clone();
    let mut looks_on = server.bus.subscribe("ask").expect("a pattern");
    let reply = tokio::spawn(async move { asked.request("ask", "q").await });
    let inbox = inbox(&mut looks_on).await;
    client.hears(&format!("MSG ask 1 {inbox} 1\r\nq\r\n")).await;
    let denied = format!("-ERR 'Permissions Violation for Publish to \"{inbox}\"'\r\n");
    other.dialogue(&format!("PUB {inbox} 4\r\nfake\r\n"), &denied).await;
    client.dialogue(&format!("PUB {inbox} 1\r\na\r\n"), "").await;
    assert_eq!(reply.await.expect("no panic").expect("a reply").payload, "a");
    client.dialogue(&format!("PUB {inbox} 1\r\na\r\n"), &denied).await;
}

#[tokio::test]
async fn a_request_ends_when_the_client_that_has_it_goes() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.dialogue("SUB ask 1\r\n", "").await;
    let asked = server.bus.clone();
    let mut looks_on = server.bus.subscribe("ask").expect("a pattern");
    let reply = tokio::spawn(async move { asked.request("ask", "q").await });
    let inbox = inbox(&mut looks_on).await;
    client.hears(&format!("MSG ask 1 {inbox} 1\r\nq\r\n")).await;
    drop(client);
    let error = timeout(NEVER, reply).await.expect("at once").expect("no panic").expect_err("nobody is left");
    assert!(matches!(error, capstone_bus::RequestError::ResponderGone { .. }), "{error:?}");
}

#[tokio::test]
async fn a_client_may_ask_who_it_is() {
    let server = Server::with(|builder| builder.user("anna", "p")).await;
    let mut client = server.client_with(r#""echo":false,"user":"anna","pass":"p""#).await;
    client.say("SUB r 1\r\nPUB $SYS.REQ.USER.INFO r 0\r\n\r\n").await;
    let line = client.line().await;
    let json = client.line().await;
    assert_eq!(line, format!("MSG r 1 {}\r\n", json.len() - 2));
    let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&answer["data"]["user"], &answer["data"]["account"]), (&"anna".into(), &"$G".into()));
    assert_eq!((&answer["server"]["ver"], &answer["server"]["jetstream"]), (&"2.15.1".into(), &false.into()));
    client.dialogue("PUB $SYS.REQ.USER.INFO 0\r\n\r\n", "").await;
}
