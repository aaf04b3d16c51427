//! What each command does, byte for byte.

use capstone_bus::Bus;
use capstone_bus::wire::{ListenError, Listener};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::support::{NEVER, Server};
use crate::support::message;

#[tokio::test]
async fn the_info_says_what_a_client_must_know() {
    let server = Server::with(|builder| builder.token("t")).await;
    let mut socket = TcpStream::connect(server.address).await.expect("it listens");
    let mut info = vec![0; 1024];
    let length = timeout(NEVER, socket.read(&mut info)).await.expect("at once").expect("an INFO");
    let info = std::str::from_utf8(&info[..length]).expect("text");
    let json = info.strip_prefix("INFO ").and_then(|rest| rest.strip_suffix("\r\n")).expect(info);
    for part in [
        // What clients compare, and what we are.
        r#""version":"2.15.1""#,
        r#""server_name":"capstone""#,
        r#""capstone":"0.1.0""#,
        r#""go":"rust""#,
        r#""proto":1"#,
        r#""headers":true"#,
        r#""auth_required":true"#,
        r#""max_payload":1048576"#,
        r#""client_id":1"#,
        r#""client_ip":"127.0.0.1""#,
        &format!("\"port\":{}", server.address.port()),
    ] {
        assert!(json.contains(part), "{part} in {json}");
    }
}

#[tokio::test]
async fn messages_come_in_order_across_subscriptions_and_before_the_pong() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client
        .dialogue(
            "SUB a.* 1\r\nSUB b.> 22\r\nPUB b.c 2\r\nhi\r\nPUB a.b _INBOX.1 0\r\n\r\nPUB x 1\r\ny\r\nPUB b.c 1\r\nz\r\n",
            "MSG b.c 22 2\r\nhi\r\nMSG a.b 1 _INBOX.1 0\r\n\r\nMSG b.c 22 1\r\nz\r\n",
        )
        .await;
    client
        .dialogue("UNSUB 1\r\nUNSUB 7\r\nPUB a.b 1\r\ny\r\nPUB b.b 1\r\nx\r\n", "MSG b.b 22 1\r\nx\r\n")
        .await;
    client.dialogue("UNSUB 22\r\nPUB b.b 1\r\nx\r\n", "").await;
    assert_eq!(server.bus.stats().active, 0);
}

#[tokio::test]
async fn a_verbose_client_has_every_command_answered() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.say("CONNECT {}\r\n").await;
    client.hears("+OK\r\n").await;
    client.dialogue("SUB a 1\r\nUNSUB 1 9\r\n", "+OK\r\n+OK\r\n").await;
    client.dialogue("PUB a 1\r\nx\r\n", "+OK\r\nMSG a 1 1\r\nx\r\n").await;
}

#[tokio::test]
async fn a_client_need_not_say_who_it_is_where_nobody_wants_to_know() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.dialogue("SUB a 1\r\nPUB a 1\r\nx\r\n", "+OK\r\n+OK\r\nMSG a 1 1\r\nx\r\n").await;
    // What it says later is for the subscriptions that are there, too.
    client.dialogue("CONNECT {\"verbose\":false,\"headers\":true}\r\n", "").await;
    let hpub = "HPUB a 12 13\r\nNATS/1.0\r\n\r\nx\r\n";
    client.dialogue(hpub, &hpub.replace("HPUB a", "HMSG a 1")).await;
    // Once more, and it may be somebody else: the subscriptions are gone.
    client.dialogue("CONNECT {}\r\nPUB a 1\r\nx\r\n", "").await;
    assert_eq!(server.bus.stats().active, 0);
}

#[tokio::test]
async fn without_echo_a_client_does_not_hear_itself() {
    let server = Server::start().await;
    let mut deaf = server.client_with(r#""echo":false"#).await;
    let mut other = server.client().await;
    other.dialogue("SUB a 1\r\n", "").await;
    deaf.dialogue("SUB a 1\r\nPUB a 3\r\nown\r\n", "").await;
    other.dialogue("PUB a 5\r\nother\r\n", "MSG a 1 3\r\nown\r\nMSG a 1 5\r\nother\r\n").await;
    deaf.dialogue("", "MSG a 1 5\r\nother\r\n").await;
}

#[tokio::test]
async fn an_unsubscribe_after_n_counts_from_the_beginning() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let publish = |n: usize| "PUB a 1\r\nx\r\n".repeat(n);
    let heard = |n: usize| "MSG a 1 1\r\nx\r\n".repeat(n);
    client.dialogue(&format!("SUB a 1\r\n{}", publish(2)), &heard(2)).await;
    client.dialogue(&format!("UNSUB 1 3\r\n{}", publish(5)), &heard(1)).await;
    assert_eq!(server.bus.stats().active, 0);
    client.dialogue(&format!("SUB a 1\r\n{}UNSUB 1 2\r\n{}", publish(2), publish(2)), &heard(2)).await;
    // The sid is free again.
    client.dialogue(&format!("SUB a 1\r\n{}", publish(1)), &heard(1)).await;
}

#[tokio::test]
async fn a_refused_subject_keeps_the_connection() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let denied = |what: &str| format!("-ERR 'Permissions Violation for {what}'\r\n");
    for subject in ["$SYS.x", "$DLQ.a", "$INBOX.1", "a.*", "a>b"] {
        let said = format!("PUB {subject} 1\r\nx\r\n");
        client.dialogue(&said, &denied(&format!("Publish to \"{subject}\""))).await;
        // Without somebody to tell that nobody is there.
        let said = format!("PUB {subject} nowhere 1\r\nx\r\n");
        client.dialogue(&said, &denied(&format!("Publish to \"{subject}\""))).await;
    }
    for subject in ["$INBOX.>", "foo*"] {
        client
            .dialogue(&format!("SUB {subject} 1\r\n"), &denied(&format!("Subscription to \"{subject}\"")))
            .await;
    }
    let no_group = "Subscription to \"a\" using queue \"g\u{2003}\"";
    client.dialogue("SUB a g\u{2003} 1\r\n", &denied(no_group)).await;
    // What no server takes, and what none can match.
    client.dialogue("SUB a..b 1\r\nSUB a.>.b 1\r\n", &"-ERR 'Invalid Subject'\r\n".repeat(2)).await;
    client.dialogue("PUB a..b 1\r\nx\r\n", "-ERR 'Invalid Publish Subject'\r\n").await;
    let mut lenient = server.client_with(r#""pedantic":false"#).await;
    lenient.dialogue("PUB a..b 1\r\nx\r\n", "").await;
    client.dialogue("PUB a a..b 0\r\n\r\n", &denied("Publish with Reply of \"a..b\"")).await;
    client.dialogue("SUB a 1\r\nPUB a 1\r\nx\r\n", "MSG a 1 1\r\nx\r\n").await;
}

#[tokio::test]
async fn what_is_not_the_protocol_ends_the_connection() {
    let server = Server::start().await;
    for (said, error) in [
        ("RS+ $G a\r\n", "Unknown Protocol Operation"),
        ("INFO {}\r\n", "Unknown Protocol Operation"),
        ("PUB a 1\r\nxyz", "Unknown Protocol Operation"),
        ("CONNECT {\"protocol\":2}\r\n", "invalid client protocol"),
    ] {
        let mut client = server.client().await;
        client.say(said).await;
        client.ends_with(&format!("-ERR '{error}'\r\n")).await;
    }
    // After an error that they do not know, clients stay away for good.
    for said in ["PUB a x\r\n", "SUB a\r\n", "CONNECT []\r\n", "CONNECT {\"echo\":1}\r\n"] {
        let mut client = server.client().await;
        client.say(said).await;
        client.ends_with("").await;
    }
    server.counted(|stats| stats.faulty == 8 && stats.open == 0).await;
}

#[tokio::test]
async fn groups_are_shared_between_connections_and_the_process() {
    let server = Server::start().await;
    let (mut one, mut two) = (server.client().await, server.client().await);
    one.dialogue("SUB work.* g 1\r\n", "").await;
    two.dialogue("SUB work.> g 2\r\n", "").await;
    let mut local = server.bus.subscription("work.a").queue("g").open().expect("valid options");
    let mut publisher = server.client().await;
    let mut everybody = server.client().await;
    everybody.dialogue("SUB work.a 3\r\n", "").await;
    publisher.dialogue(&"PUB work.a 1\r\nx\r\n".repeat(90), "").await;
    everybody.dialogue("", &"MSG work.a 3 1\r\nx\r\n".repeat(90)).await;

    let heard = async |client: &mut super::support::Raw| {
        client.say("PING\r\n").await;
        let (mut heard, mut chunk) = (String::new(), [0; 4096]);
        while !heard.ends_with("PONG\r\n") {
            let count = client.socket.read(&mut chunk).await.expect("open");
            heard.push_str(std::str::from_utf8(&chunk[..count]).expect("text"));
        }
        heard.matches("MSG").count()
    };
    let mut own = 0;
    while local.try_recv().is_ok() {
        own += 1;
    }
    assert_eq!(heard(&mut one).await + heard(&mut two).await + own, 90);
    drop((one, two));
    server.counted(|stats| stats.open == 2).await;
    publisher.dialogue("PUB work.a 1\r\ny\r\n", "").await;
    assert_eq!(local.recv().await.expect("the only one left").payload, "y");
}

#[tokio::test]
async fn a_drain_writes_what_is_pending_and_closes_without_an_error() {
    let server = Server::start().await;
    let mut client = server.client().await;
    client.dialogue("SUB a 1\r\n", "").await;
    let bus = server.bus.clone();
    let _ = bus.publish(message("a", "last")).await.expect("open");
    let report = server.stop().await;
    assert_eq!((report.drained, report.cut_off), (1, 0));
    client.ends_with("MSG a 1 4\r\nlast\r\n").await;
    assert_eq!(bus.stats().active, 0);
    assert!(!bus.is_closed(), "the bus is not the listener's");
}

#[tokio::test]
async fn who_takes_an_info_at_any_time_hears_of_the_end() {
    let server = Server::start().await;
    let mut told = server.client_with(r#""protocol":1"#).await;
    let untold = server.client_with(r#""protocol":0"#).await;
    assert_eq!(server.stop().await.drained, 2);
    let info = told.line().await;
    assert!(info.starts_with("INFO {") && info.contains(r#""ldm":true"#), "{info}");
    told.ends_with("").await;
    untold.ends_with("").await;
}

#[tokio::test]
async fn a_closed_bus_ends_those_who_publish() {
    let server = Server::start().await;
    let mut client = server.client().await;
    server.bus.close();
    client.say("PUB a 1\r\nx\r\n").await;
    client.ends_with("").await;
}

#[tokio::test]
async fn other_machines_need_a_token_or_a_word() {
    let bus = Bus::new();
    let refused = Listener::builder(&bus).bind("0.0.0.0:0").await.expect_err("open to all");
    assert!(matches!(refused, ListenError::Open(_)), "{refused}");
    assert!(matches!(
        Listener::builder(&bus).token("").bind("127.0.0.1:0").await,
        Err(ListenError::Credentials)
    ));
    drop(Listener::builder(&bus).open_to_all().bind("0.0.0.0:0").await.expect("it was said"));
    let listener = Listener::builder(&bus).token("t").bind("0.0.0.0:0").await.expect("it has a token");
    let taken = Listener::builder(&bus).bind(("127.0.0.1", listener.local_addr().port())).await;
    assert!(matches!(taken, Err(ListenError::Bind(_))));
}

#[tokio::test]
async fn a_listener_that_is_dropped_while_it_runs_closes_everything_at_once() {
    let server = Server::start().await;
    let (bus, address) = (server.bus.clone(), server.address);
    let mut client = server.client().await;
    client.dialogue("SUB a 1\r\n", "").await;
    drop(server);
    client.ends_with("").await;
    // The end of a connection and of its subscriptions is one drop.
    assert_eq!(bus.stats().active, 0);
    let again = Server::on(bus, &address.to_string(), |builder| builder).await;
    again.client().await.dialogue("", "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_publishers_at_once_lose_and_reorder_nothing() {
    const PUBLISHERS: usize = 8;
    const EACH: usize = 2_000;
    let server = Server::start().await;
    let mut local = server.bus.subscription("t.*").capacity(64).open().expect("valid options");
    let mut remote = server.client().await;
    remote.dialogue("SUB t.* 1\r\n", "").await;
    let mut publishers = tokio::task::JoinSet::new();
    for publisher in 0..PUBLISHERS {
        let mut client = server.client().await;
        publishers.spawn(async move {
            for number in 0..EACH {
                client.say(&format!("PUB t.{publisher} 6\r\n{number:06}\r\n")).await;
            }
            client.dialogue("", "").await;
        });
    }
    let mut next = [[0; PUBLISHERS]; 2];
    let mut check = |who: usize, publisher: &str, number: &str| {
        let expected = &mut next[who][publisher.parse::<usize>().expect("a number")];
        assert_eq!(number.parse(), Ok(*expected), "of publisher {publisher}");
        *expected += 1;
    };
    let mut heard = vec![0; "MSG t.0 1 6\r\n000000\r\n".len()];
    for _ in 0..PUBLISHERS * EACH {
        let delivery = local.recv().await.expect("open");
        assert_eq!(delivery.gap(), 0);
        check(0, &delivery.topic.as_str()[2..], std::str::from_utf8(&delivery.payload).expect("text"));
        timeout(NEVER, remote.socket.read_exact(&mut heard)).await.expect("in time").expect("open");
        let heard = std::str::from_utf8(&heard).expect("text");
        check(1, &heard["MSG t.".len()..][..1], &heard["MSG t.0 1 6\r\n".len()..][..6]);
    }
    publishers.join_all().await;
    assert_eq!(next, [[EACH; PUBLISHERS]; 2]);
}
