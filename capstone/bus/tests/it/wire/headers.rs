//! Headers: carried as they came, and read where somebody looks.

use capstone_bus::Message;

use super::support::Server;
use crate::support::topic;

#[tokio::test]
async fn headers_reach_those_who_understand_them_and_the_bus() {
    let server = Server::start().await;
    let mut local = server.bus.subscribe("a").expect("a pattern");
    let (mut knows, mut plain) = (server.client().await, server.client_with(r#""headers":false"#).await);
    plain.dialogue("SUB a 1\r\n", "").await;
    let block = "NATS/1.0\r\nA: b\r\nA: c\r\n\r\n";
    let hpub = format!("HPUB a r 24 26\r\n{block}hi\r\n");
    knows.dialogue(&format!("SUB a 1\r\n{hpub}"), &format!("HMSG a 1 r 24 26\r\n{block}hi\r\n")).await;
    plain.dialogue("", "MSG a 1 r 2\r\nhi\r\n").await;
    let delivery = local.recv().await.expect("a message");
    assert_eq!(delivery.headers().get_all("A").collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!((&delivery.payload[..], delivery.reply()), (&b"hi"[..], Some(&topic("r"))));

    let sent = Message::new(topic("a"), "x").with_header("k", "v").expect("a header");
    let _ = server.bus.publish(sent).await.expect("open");
    knows.hears("HMSG a 1 18 19\r\nNATS/1.0\r\nk: v\r\n\r\nx\r\n").await;
    plain.hears("MSG a 1 1\r\nx\r\n").await;

    plain.say(&hpub).await;
    plain.ends_with("").await;
}

#[tokio::test]
async fn a_header_block_is_carried_whatever_it_is_and_read_by_who_looks() {
    let server = Server::start().await;
    let mut local = server.bus.subscribe("a").expect("a pattern");
    let mut filtered =
        server.bus.subscription("a").filter_header("My Key", "1").open().expect("valid options");
    let mut client = server.client().await;
    let block = "NATS/1.0 503 text\r\nno header\r\nMy Key: 1\r\nA:b\r\n\r\n";
    let (length, all) = (block.len(), block.len() + 1);
    let said = format!("SUB a 1\r\nHPUB a {length} {all}\r\n{block}x\r\n");
    client.dialogue(&said, &format!("HMSG a 1 {length} {all}\r\n{block}x\r\n")).await;
    client.dialogue("HPUB a 3 4\r\nabcx\r\n", "HMSG a 1 3 4\r\nabcx\r\n").await;
    client.dialogue("HPUB a 0 1\r\nx\r\n", "MSG a 1 1\r\nx\r\n").await;

    let first = local.recv().await.expect("a message");
    assert_eq!(first.headers().iter().collect::<Vec<_>>(), [("My Key", "1"), ("A", "b")]);
    assert_eq!(first.headers().block(), Some(block.as_bytes()));
    let second = local.recv().await.expect("a message");
    assert!(second.headers().is_empty() && second.headers().block() == Some(b"abc"));
    assert_eq!(local.recv().await.expect("a message").headers().block(), None);
    assert_eq!(filtered.recv().await.expect("a message").headers(), first.headers());
    filtered.try_recv().expect_err("the others have no such header");

    // Whoever passes it on passes it on as it is; whoever changes it writes it anew.
    let mut passed_on = Message::new(topic("b"), "y");
    *passed_on.headers_mut() = first.headers().clone();
    client.dialogue("SUB b 2\r\n", "").await;
    let _ = server.bus.publish(passed_on.clone()).await.expect("open");
    client.hears(&format!("HMSG b 2 {length} {all}\r\n{block}y\r\n")).await;
    passed_on.headers_mut().append("C", "d").expect("a header");
    let _ = server.bus.publish(passed_on).await.expect("open");
    client.hears("HMSG b 2 35 36\r\nNATS/1.0\r\nMy Key: 1\r\nA: b\r\nC: d\r\n\r\ny\r\n").await;
}

#[tokio::test]
async fn a_message_in_a_mailbox_keeps_no_more_than_itself() {
    let server = Server::start().await;
    let mut local = server.bus.subscribe("*").expect("a pattern");
    let mut reserved = server.bus.subscribe("$a").expect("a pattern");
    let mut client = server.client().await;
    client.dialogue("PUB a 1\r\nx\r\nHPUB b 12 13\r\nNATS/1.0\r\n\r\nx\r\nPUB $a 1\r\nx\r\n", "").await;
    for subscription in [&mut local, &mut reserved] {
        while let Ok(delivery) = subscription.try_recv() {
            assert!(delivery.payload.is_unique(), "{}: the connection has the buffer, too", delivery.topic);
        }
    }
}
