//! What each command does, byte for byte.

use capstone_bus::wire::{ListenError, Listener};
use capstone_bus::{Bus, Message, Subscription};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::support::{NEVER, Server};
use crate::support::{message, topic};

#[tokio::test]
async fn the_info_says_what_a_client_must_know() {
    let server = Server::with(|builder| builder.token("t")).await;
    let mut socket = TcpStream::connect(server.address).await.expect("it listens");
    let mut info = vec![0; 1024];
    let length = timeout(NEVER, socket.read(&mut info)).await.expect("at once").expect("an INFO");
    let info = std::str::from_utf8(&info[..length]).expect("text");
    let json = info.strip_prefix("INFO ").and_then(|rest| rest.strip_suffix("\r\n")).expect(info);
    for part in [
        r#""version":"0.1.0""#,
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
    client.say("PUB a 1\r\nx\r\n").await;
    // Which of the two is first is nobody's business.
    let (ok, message) = ("+OK\r\n", "MSG a 1 1\r\nx\r\n");
    let mut heard = vec![0; ok.len() + message.len()];
    client.socket.read_exact(&mut heard).await.expect("both");
    let heard = String::from_utf8(heard).expect("text");
    assert!(heard == format!("{ok}{message}") || heard == format!("{message}{ok}"), "{heard}");
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
    assert_eq!(delivery.headers.get_all("A").collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!((&delivery.payload[..], &delivery.reply), (&b"hi"[..], &Some(topic("r"))));

    let sent = Message::new(topic("a"), "x").with_header("k", "v").expect("a header");
    server.bus.publish(sent).await.expect("open");
    knows.hears("HMSG a 1 18 19\r\nNATS/1.0\r\nk: v\r\n\r\nx\r\n").await;
    plain.hears("MSG a 1 1\r\nx\r\n").await;

    plain.say(&hpub).await;
    plain.ends_with("-ERR 'message headers not supported'\r\n").await;
    knows.say("HPUB a 16 16\r\nNATS/1.0 503\r\n\r\n\r\n").await;
    knows.ends_with("-ERR 'Invalid Headers: the first line is not NATS/1.0'\r\n").await;
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
async fn a_request_that_nobody_is_there_for_is_answered_at_once() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let status = |inbox: &str| format!("HMSG {inbox} 9 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
    client.dialogue("SUB _INBOX.x.* 9\r\nPUB nobody _INBOX.x.1 0\r\n\r\n", &status("_INBOX.x.1")).await;
    client.dialogue("PUB $JS.API.INFO _INBOX.x.2 0\r\n\r\n", &status("_INBOX.x.2")).await;
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

#[tokio::test]
async fn a_refused_subject_keeps_the_connection() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let denied = |what: &str| format!("-ERR 'Permissions Violation for {what}'\r\n");
    for subject in ["$SYS.x", "$DLQ.a", "$INBOX.1", "a..b", "a.*", ".", &"x".repeat(256)] {
        let said = format!("PUB {subject} 1\r\nx\r\n");
        client.dialogue(&said, &denied(&format!("Publish to \"{subject}\""))).await;
    }
    for subject in ["$INBOX.>", "a..b", "a.>.b", "foo*"] {
        client
            .dialogue(&format!("SUB {subject} 1\r\n"), &denied(&format!("Subscription to \"{subject}\"")))
            .await;
    }
    client.dialogue("PUB a a..b 0\r\n\r\n", &denied("Publish with Reply of \"a..b\"")).await;
    client.dialogue("SUB a 1\r\nPUB a 1\r\nx\r\n", "MSG a 1 1\r\nx\r\n").await;
}

#[tokio::test]
async fn what_is_not_the_protocol_ends_the_connection() {
    let server = Server::start().await;
    for (said, error) in [
        ("RS+ $G a\r\n", "Unknown Protocol Operation"),
        ("INFO {}\r\n", "Unknown Protocol Operation"),
        ("PUB a x\r\n", "Maximum Payload Violation"),
        ("SUB a\r\n", "Parser Error"),
        ("PUB a 1\r\nxyz", "Parser Error"),
        ("CONNECT {}\r\n", "CONNECT was sent before"),
    ] {
        let mut client = server.client().await;
        client.say(said).await;
        client.ends_with(&format!("-ERR '{error}'\r\n")).await;
    }
    server.counted(|stats| stats.faulty == 6 && stats.open == 0).await;

    for (said, error) in [("PING\r\n", "CONNECT must come first"), ("CONNECT []\r\n", "Parser Error")] {
        let mut stranger = server.connect().await;
        stranger.say(said).await;
        stranger.ends_with(&format!("-ERR '{error}'\r\n")).await;
    }
}

/// Where the request waits that comes next.
async fn inbox(subscription: &mut Subscription) -> String {
    subscription.recv().await.and_then(|question| question.reply.clone()).expect("a request").to_string()
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
    bus.publish(message("a", "last")).await.expect("open");
    let report = server.stop().await;
    assert_eq!((report.drained, report.cut_off), (1, 0));
    client.ends_with("MSG a 1 4\r\nlast\r\n").await;
    assert_eq!(bus.stats().active, 0);
    assert!(!bus.is_closed(), "the bus is not the listener's");
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
