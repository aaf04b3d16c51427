//! What the bus counts of that which clients get.

use crate::support::message;
use crate::wire::support::Server;

#[tokio::test]
async fn each_copy_that_a_client_is_sent_counts_as_delivered() {
    let server = Server::start().await;
    let mut plain = server.client().await;
    plain.dialogue("SUB t.* 1\r\n", "").await;
    let mut others = Vec::new();
    for subscription in ["SUB t.a 1\r\n", "SUB t.a g 1\r\n", "SUB t.a g 1\r\n"] {
        let mut other = server.client().await;
        other.dialogue(subscription, "").await;
        others.push(other);
    }
    let local = server.bus.subscribe("t.a").expect("a pattern");
    for number in 0..10 {
        let _ = server.bus.try_publish(message("t.a", &number.to_string())).expect("the bus is open");
    }
    let sent: String = (0..10).map(|number| format!("MSG t.a 1 1\r\n{number}\r\n")).collect();
    plain.dialogue("PUB nobody 1\r\nm\r\nPUB t.b 1\r\nm\r\n", &(sent + "MSG t.b 1 1\r\nm\r\n")).await;
    drop((plain, others));
    server.counted(|stats| stats.open == 0).await;

    let stats = server.bus.stats();
    assert_eq!((stats.published, stats.unmatched, stats.dropped, stats.active), (12, 1, 0, 1));
    // Two subscriptions and a group got ten, and the first the last message.
    assert_eq!((stats.delivered, stats.subscriptions[0].depth), (31, 10));
    drop(local);
    assert_eq!((server.bus.stats().delivered, server.bus.stats().abandoned), (31, 10));
}
