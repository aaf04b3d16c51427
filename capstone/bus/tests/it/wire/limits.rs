//! Each limit, at it and past it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::Server;
use crate::support::{message, ms};

const CONNECT: &str = "CONNECT {\"verbose\":false}\r\n";

#[tokio::test]
async fn a_control_line_of_4_kib() {
    let server = Server::start().await;
    let line = |length: usize| format!("UNSUB {}\r\n", "x".repeat(length));
    let mut client = server.client().await;
    client.dialogue(&line(4096), "").await;
    client.say(&line(4097)).await;
    client.ends_with("-ERR 'maximum control line exceeded'\r\n").await;

    let mut stranger = server.connect().await;
    stranger.say(&format!("CONNECT {}", "x".repeat(4097))).await;
    stranger.ends_with("-ERR 'maximum control line exceeded'\r\n").await;
}

#[tokio::test]
async fn a_payload_of_1_mib_by_its_declared_length() {
    let server = Server::start().await;
    let mut subscription = server.bus.subscribe("a").expect("a pattern");
    let mut client = server.client().await;
    let largest = "x".repeat(1 << 20);
    client.dialogue(&format!("PUB a {}\r\n{largest}\r\n", largest.len()), "").await;
    assert_eq!(subscription.recv().await.expect("a message").payload, largest);
    client.say(&format!("PUB a {}\r\n", largest.len() + 1)).await;
    client.ends_with("-ERR 'Maximum Payload Violation'\r\n").await;
}

#[tokio::test]
async fn authentication_takes_a_token_and_is_in_time() {
    let server = Server::with(|builder| {
        let limits = capstone_bus::wire::Limits::default().authenticate_within(ms(300));
        builder.token("s3cret").limits(limits)
    })
    .await;
    server
        .client_with(r#""auth_token":"s3cret""#)
        .await
        .dialogue("SUB a 1\r\nPUB a 0\r\n\r\n", "MSG a 1 0\r\n\r\n")
        .await;
    for wrong in [
        "CONNECT {}\r\n",
        "CONNECT {\"auth_token\":\"s3cre\"}\r\n",
        "CONNECT {\"user\":\"s3cret\"}\r\n",
        "PING\r\n",
        "PUB a 1\r\nx\r\n",
        "nonsense\r\n",
    ] {
        let mut stranger = server.connect().await;
        stranger.say(wrong).await;
        stranger.ends_with("-ERR 'Authorization Violation'\r\n").await;
    }
    let mut slow = server.connect().await;
    slow.say("CONN").await;
    slow.ends_with("-ERR 'Authentication Timeout'\r\n").await;
    server.counted(|stats| stats.unauthorised == 7).await;
}

#[tokio::test]
async fn user_and_password() {
    let server = Server::with(|builder| builder.user("u", "p")).await;
    server.client_with(r#""user":"u","pass":"p""#).await.dialogue("", "").await;
    let mut wrong = server.connect().await;
    wrong.say("CONNECT {\"user\":\"u\",\"pass\":\"q\"}\r\n").await;
    wrong.ends_with("-ERR 'Authorization Violation'\r\n").await;
}

#[tokio::test]
async fn connections() {
    let server = Server::with_limits(|limits| limits.connections_max(2)).await;
    let (one, mut two) = (server.client().await, server.client().await);
    server.connect().await.ends_with("-ERR 'maximum connections exceeded'\r\n").await;
    two.dialogue("", "").await;
    drop(one);
    server.counted(|stats| stats.open == 1 && stats.refused == 1).await;
    server.client().await.dialogue("", "").await;
}

#[tokio::test]
async fn connections_from_one_address() {
    let server = Server::with_limits(|limits| limits.connections_per_ip_max(2)).await;
    let (one, mut two) = (server.client().await, server.client().await);
    server.connect().await.ends_with("-ERR 'maximum connections from this address exceeded'\r\n").await;
    two.dialogue("", "").await;
    drop(one);
    server.counted(|stats| stats.open == 1 && stats.refused == 1).await;
    server.client().await.dialogue("", "").await;
}

#[tokio::test]
async fn silent_sockets_displace_each_other_and_keep_nobody_out() {
    let server = Server::with_limits(|limits| {
        limits.unauthenticated_max(2).connections_max(8).authenticate_within(super::support::NEVER)
    })
    .await;
    let mut known = server.client().await;
    let (oldest, older) = (server.connect().await, server.connect().await);
    server.counted(|stats| stats.open == 3 && stats.unauthorised == 0).await;

    // Past the limit, the oldest that has not said who it is goes: at once, as there is nothing to wait for.
    let mut newest = server.connect().await;
    oldest.ends_with("-ERR 'maximum connections exceeded'\r\n").await;
    server.counted(|stats| stats.open == 3 && stats.unauthorised == 1).await;
    newest.say(CONNECT).await;
    newest.dialogue("", "").await;

    for _ in 0..20 {
        let _silent = server.connect().await;
        server.client().await.dialogue("", "").await;
    }
    older.ends_with("-ERR 'maximum connections exceeded'\r\n").await;

    // Nor do those that said something wrong and do not go.
    let mut lingering = Vec::new();
    for _ in 0..20 {
        let mut wrong = server.connect().await;
        wrong.say("nonsense").await;
        wrong.hears("-ERR 'Unknown Protocol Operation'\r\n").await;
        lingering.push(wrong);
    }
    server.client().await.dialogue("", "").await;
    known.dialogue("", "").await;
    assert_eq!(server.stats().refused, 0);
}

#[tokio::test]
async fn a_crowd_that_hears_all_greetings_before_it_answers_is_let_in() {
    let server = Server::start().await;
    let mut crowd = Vec::new();
    for _ in 0..450 {
        crowd.push(server.connect().await);
    }
    for client in &mut crowd {
        client.say(CONNECT).await;
    }
    for client in &mut crowd {
        client.dialogue("", "").await;
    }
    server.counted(|stats| stats.open == 450 && stats.unauthorised == 0 && stats.refused == 0).await;
}

#[tokio::test]
async fn a_subscription_too_many_is_refused_alone() {
    let server = Server::with_limits(|limits| limits.subscriptions_max(100)).await;
    let mut client = server.client().await;
    let all: String = (1..=100).map(|i| format!("SUB t{i} {i}\r\n")).collect();
    client.dialogue(&all, "").await;
    let refused = "-ERR 'maximum subscriptions exceeded'\r\n";
    client.dialogue("SUB t101 101\r\nSUB t102 102\r\n", &refused.repeat(2)).await;
    client.dialogue("PUB t101 1\r\nx\r\nPUB t100 1\r\nx\r\n", "MSG t100 100 1\r\nx\r\n").await;
    client.dialogue("UNSUB 7\r\nSUB t101 101\r\nPUB t101 1\r\nx\r\n", "MSG t101 101 1\r\nx\r\n").await;
    // One that has had all that it wanted makes room.
    client.dialogue("UNSUB 8 1\r\nPUB t8 1\r\nx\r\nSUB t102 102\r\n", "MSG t8 8 1\r\nx\r\n").await;
    assert_eq!(server.bus.stats().active, 100);
}

#[tokio::test]
async fn a_hundred_thousand_subscriptions_of_one_connection() {
    const COUNT: usize = 100_000;
    let server = Server::start().await;
    let (mut client, mut publisher) = (server.client().await, server.client().await);
    let all: String = (0..COUNT).map(|i| format!("SUB dev.{i} {i}\r\nUNSUB {i} 2\r\n")).collect();
    client.dialogue(&all, "").await;
    assert_eq!(server.bus.stats().active, COUNT);

    let published: String = (0..COUNT).map(|i| format!("PUB dev.{i} 1\r\nx\r\n")).collect();
    let heard: String = (0..COUNT).map(|i| format!("MSG dev.{i} {i} 1\r\nx\r\n")).collect();
    for _ in 0..2 {
        let (_, _) = tokio::join!(publisher.dialogue(&published, ""), client.hears(&heard));
    }
    // Each has had both of its messages.
    client.dialogue("", "").await;
    assert_eq!(server.bus.stats().active, 0);
    publisher.dialogue("PUB dev.7 1\r\nx\r\n", "").await;
    client.dialogue("", "").await;
}

#[tokio::test]
async fn two_missed_pings() {
    let server = Server::with_limits(|limits| limits.ping_every(ms(100))).await;
    let mut answers = server.client().await;
    let silent = server.client().await;
    let lively = async {
        for _ in 0..8 {
            answers.hears("PING\r\n").await;
            answers.say("PONG\r\n").await;
        }
        answers
    };
    let (mut answers, ()) =
        tokio::join!(lively, silent.ends_with("PING\r\nPING\r\n-ERR 'Stale Connection'\r\n"));
    answers.say("PUB a 0\r\n\r\n").await;
    server.counted(|stats| stats.stale == 1 && stats.open == 1).await;
}

#[tokio::test]
async fn whoever_says_something_is_there_and_its_pongs_may_come_late() {
    let server = Server::with_limits(|limits| limits.ping_every(ms(50))).await;
    let mut client = server.client().await;
    // No answer can be told in the middle of a message, however long that takes.
    client.say("PUB a 100\r\n").await;
    for _ in 0..100 {
        client.say("x").await;
        tokio::time::sleep(ms(10)).await;
    }
    client.say("\r\nPING\r\n").await;
    client.hears("PONG\r\n").await;
    assert_eq!((server.stats().stale, server.bus.stats().published), (0, 1));
}

#[tokio::test]
async fn a_client_may_publish_40_mb_to_itself_before_it_reads() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.dialogue("SUB a 1\r\n", "").await;
    let (payload, count) = ("x".repeat(1 << 20), 40);
    for _ in 0..count {
        client.say(&format!("PUB a {}\r\n{payload}\r\n", payload.len())).await;
    }
    let message = format!("MSG a 1 {}\r\n{payload}\r\n", payload.len());
    for _ in 0..count {
        client.hears(&message).await;
    }
    client.dialogue("", "").await;
}

#[tokio::test]
async fn a_reader_that_is_nearly_as_fast_as_its_publisher_gets_everything() {
    let server = Server::with_limits(|limits| limits.pending_max(4 << 20)).await;
    let (mut reads, mut publisher) = (server.client().await, server.client().await);
    reads.dialogue("SUB a 1\r\n", "").await;
    // 128 MiB: far more than may wait, and than sockets hold.
    let (payload, count) = ("x".repeat(64 << 10), 2048);
    let publish = format!("PUB a {}\r\n{payload}\r\n", payload.len());
    let publishing = tokio::spawn(async move {
        for _ in 0..count {
            publisher.say(&publish).await;
        }
        publisher.dialogue("", "").await;
    });
    let message = format!("MSG a 1 {}\r\n{payload}\r\n", payload.len());
    for _ in 0..count {
        reads.hears(&message).await;
    }
    publishing.await.expect("all published");
    assert_eq!(server.stats().slow, 0);
}

#[tokio::test]
async fn who_takes_nothing_is_disconnected_and_publishers_go_on() {
    let server = Server::with_limits(|limits| limits.write_within(ms(300))).await;
    let (mut stuck, mut publisher) = (server.client().await, server.client().await);
    stuck.dialogue("SUB a 1\r\n", "").await;
    let payload = "x".repeat(64 << 10);
    for _ in 0..512 {
        publisher.say(&format!("PUB a {}\r\n{payload}\r\n", payload.len())).await;
    }
    publisher.dialogue("", "").await;
    server.counted(|stats| stats.slow == 1 && stats.open == 1).await;
    drop(stuck);
}

#[tokio::test]
async fn more_than_64_mib_pending_from_this_process() {
    let server = Server::start().await;
    let mut stuck = server.client().await;
    stuck.dialogue("SUB a 1\r\n", "").await;
    let payload = "x".repeat(1 << 20);
    // At the limit, if the socket takes nothing at all: 63 with their lines fit.
    for _ in 0..63 {
        let receipt = server.bus.publish(message("a", &payload)).await.expect("open");
        assert_eq!(receipt.enqueued, 1);
    }
    let dropped = loop {
        // Nobody else runs in between, so the writer cannot catch up.
        let receipt = server.bus.try_publish(message("a", &payload)).expect("open");
        if receipt.enqueued == 0 {
            break receipt.dropped;
        }
    };
    assert_eq!(dropped, 1);
    server.counted(|stats| stats.slow == 1 && stats.open == 0).await;
    assert_eq!(server.bus.publish(message("a", "x")).await.expect("open").matched, 0);
}

#[tokio::test]
async fn too_much_for_all_costs_the_one_that_has_the_most() {
    let server = Server::with_limits(|limits| limits.pending_total_max(64 << 20)).await;
    let mut clients = [server.client().await, server.client().await, server.client().await];
    for (client, subjects) in clients.iter_mut().zip(["SUB a 1\r\n", "SUB b 1\r\n", "SUB c 1\r\n"]) {
        client.dialogue(subjects, "").await;
    }
    let payload = "x".repeat(1 << 20);
    // Nobody else runs, so the writers write nothing: 30 wait for the first, 29 for the second, and few for the third.
    for (topic, count) in [("a", 30), ("b", 29), ("c", 8)] {
        for _ in 0..count {
            let receipt = server.bus.try_publish(message(topic, &payload)).expect("open");
            assert_eq!(receipt.enqueued, 1, "{topic}");
        }
    }
    server.counted(|stats| stats.slow == 1 && stats.open == 2).await;
    assert_eq!(server.bus.try_publish(message("a", "x")).expect("open").matched, 0, "the first is gone");
    let [_, mut second, mut third] = clients;
    for (client, topic, count) in [(&mut second, "b", 29), (&mut third, "c", 8)] {
        let message = format!("MSG {topic} 1 {}\r\n{payload}\r\n", payload.len());
        for _ in 0..count {
            client.hears(&message).await;
        }
    }
}

#[tokio::test]
async fn a_drain_has_a_deadline() {
    let server = Server::with_limits(|limits| limits.drain_within(ms(200))).await;
    let (mut stuck, mut lively) = (server.client().await, server.client().await);
    stuck.dialogue("SUB a 1\r\n", "").await;
    lively.dialogue("SUB b 1\r\n", "").await;
    for _ in 0..20 {
        let _ = server.bus.publish(message("a", &"x".repeat(1 << 20))).await.expect("open");
    }
    let report = server.stop().await;
    assert_eq!((report.drained, report.cut_off), (1, 1));
    lively.ends_with("").await;
    drop(stuck);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_writes_everything_also_to_a_client_that_goes_on_talking() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.dialogue("SUB a 1\r\n", "").await;
    let (payload, count) = ("x".repeat(1 << 20), 30);
    for _ in 0..count {
        let _ = server.bus.publish(message("a", &payload)).await.expect("open");
    }
    let (mut reader, mut writer) = client.socket.into_split();
    let talks = tokio::spawn(async move { while writer.write_all(b"PUB b 1\r\nx\r\n").await.is_ok() {} });
    while server.bus.stats().published < count + 100 {
        tokio::task::yield_now().await;
    }
    let stopping = tokio::spawn(server.stop());
    let mut heard = Vec::new();
    let ended =
        tokio::time::timeout(super::support::NEVER, reader.read_to_end(&mut heard)).await.expect("it ends");
    let expected = format!("MSG a 1 {}\r\n{payload}\r\n", payload.len()).len() * 30;
    assert!(heard.len() >= expected, "{} of {expected} bytes: {ended:?}", heard.len());
    drop(reader);
    talks.await.expect("no panic");
    let report = stopping.await.expect("no panic");
    assert_eq!((report.drained, report.cut_off), (1, 0));
}

#[tokio::test]
async fn a_client_in_slices_of_one_byte_is_a_client_like_any_other() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.socket.set_nodelay(true).expect("an option of TCP");
    for byte in format!("{CONNECT}SUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n").bytes() {
        client.socket.write_all(&[byte]).await.expect("open");
        tokio::task::yield_now().await;
    }
    client.hears("MSG a 1 2\r\nhi\r\nPONG\r\n").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_in_a_flood_ends() {
    let server = Server::with_limits(|limits| limits.pending_max(2 << 20)).await;
    let (mut floods, mut hears) = (server.client().await, server.client().await);
    hears.dialogue("SUB a 1\r\n", "").await;
    let chunk = format!("PUB a 100\r\n{}\r\n", "x".repeat(100)).repeat(100);
    let flood = tokio::spawn(async move { while floods.socket.write_all(chunk.as_bytes()).await.is_ok() {} });
    let heard = tokio::spawn(async move { tokio::io::copy(&mut hears.socket, &mut tokio::io::sink()).await });
    while server.bus.stats().published < 10_000 {
        tokio::task::yield_now().await;
    }
    let (bus, report) = (server.bus.clone(), server.stop().await);
    assert_eq!((report.drained, report.cut_off), (2, 0));
    flood.await.expect("it ends");
    heard.await.expect("no panic").expect("an orderly end");
    assert_eq!(bus.stats().active, 0);
}
