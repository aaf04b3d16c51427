//! The codec fed whole, byte by byte and with random cuts; its limits; and what it writes, byte for byte.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::*;
use crate::Headers;

const LINE_MAX: usize = 64;
const PAYLOAD_MAX: usize = 32;

/// What came out of these pieces, and the error that ended it.
fn fed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Command>, Option<DecodeError>) {
    let mut decoder = Decoder::new(LINE_MAX, PAYLOAD_MAX);
    let (mut buffer, mut commands) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(command)) => commands.push(command),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.decode(&mut buffer), Err(error), "an error is for ever");
                    return (commands, Some(error));
                }
            }
        }
    }
    (commands, None)
}

/// As a person would tell it.
fn told(command: &Command) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match command {
        Command::Connect(json) => format!("connect {}", text(json)),
        Command::Ping => "ping".into(),
        Command::Pong => "pong".into(),
        Command::Publish(publish) => {
            let reply = publish.reply().map(|reply| format!(" reply {}", text(reply))).unwrap_or_default();
            let headers = publish.headers().map(|block| format!(" headers {block:?}", block = text(block)));
            let payload = text(&publish.clone().into_parts().1);
            let headers = headers.unwrap_or_default();
            format!("publish {}{reply}{headers} payload {payload:?}", text(publish.subject()))
        }
        Command::Subscribe(Subscribe { subject, queue, sid }) => {
            let queue = queue.as_ref().map(|queue| format!(" queue {}", text(queue))).unwrap_or_default();
            format!("subscribe {}{queue} sid {}", text(subject), text(sid))
        }
        Command::Unsubscribe { sid, max } => format!("unsubscribe {} {max:?}", text(sid)),
    }
}

/// Fed whole and byte by byte.
#[track_caller]
fn says(input: &str, commands: &[&str], error: Option<DecodeError>) {
    for (how, result) in [("whole", fed([input.as_bytes()])), ("by byte", fed(input.as_bytes().chunks(1)))] {
        let found: Vec<_> = result.0.iter().map(told).collect();
        assert_eq!(found, commands, "{how}: {input:?}");
        assert_eq!(result.1, error, "{how}: {input:?}");
    }
}

#[test]
fn every_command() {
    says(r#"CONNECT {"verbose":false}"#, &[], None);
    says("CONNECT  {\"verbose\":false} \r\n", &[r#"connect {"verbose":false}"#], None);
    says("PING\r\nPONG\r\nping\nPoNg\r\n", &["ping", "pong", "ping", "pong"], None);
    says("PUB a.b 5\r\nhello\r\n", &[r#"publish a.b payload "hello""#], None);
    says("PUB a 0\r\n\r\nPING\r\n", &[r#"publish a payload """#, "ping"], None);
    says("pub \t a  _INBOX.7 \t 2 \r\n\r\n\r\n", &[r#"publish a reply _INBOX.7 payload "\r\n""#], None);
    let block = "NATS/1.0\r\nA: b\r\n\r\n";
    says(
        &format!("HPUB a {} {}\r\n{block}xy\r\n", block.len(), block.len() + 2),
        &[r#"publish a headers "NATS/1.0\r\nA: b\r\n\r\n" payload "xy""#],
        None,
    );
    says(
        &format!("HPUB a r {0} {0}\r\n{block}\r\n", block.len()),
        &[r#"publish a reply r headers "NATS/1.0\r\nA: b\r\n\r\n" payload """#],
        None,
    );
    says("SUB a.> 1\r\nSUB a.* g 2\r\n", &["subscribe a.> sid 1", "subscribe a.* queue g sid 2"], None);
    says(
        "UNSUB 1\r\nUNSUB 1 5\r\nUNSUB 1 0\r\n",
        &["unsubscribe 1 None", "unsubscribe 1 Some(5)", "unsubscribe 1 None"],
        None,
    );
    says("UNSUB 1 -1\r\nUNSUB 1 9999999999\r\n", &["unsubscribe 1 None"; 2], None);
}

#[test]
fn what_is_not_the_protocol_is_refused() {
    for line in [
        "",
        " PING",
        "PUBLISH a 0",
        "GET / HTTP/1.1",
        "+OK",
        "-ERR 'x'",
        "INFO {}",
        "MSG a 1 0",
        "\0",
        "PINGX",
        "P",
        "SUB",
        "UNSUB",
        "PUB",
        "HPUB",
    ] {
        says(&format!("PING\r\n{line}\r\n"), &["ping"], Some(DecodeError::Verb));
    }
    for line in [
        "PUB ",
        "PUB 5",
        "PUB a b c 5",
        "HPUB a 5",
        "HPUB a b c 1 2",
        "HPUB a 3 2",
        "SUB ",
        "SUB a",
        "SUB a b c d",
        "SUB a b c d e f",
        "UNSUB ",
        "UNSUB 1 2 3",
    ] {
        says(&format!("{line}\r\n"), &[], Some(DecodeError::Syntax));
    }
    for length in ["x", "-1", "+1", "1.0", "18446744073709551617", "9999999999"] {
        says(&format!("PUB a {length}\r\n"), &[], Some(DecodeError::Syntax));
        says(&format!("HPUB a {length} 12\r\n"), &[], Some(DecodeError::Syntax));
    }
    says("PUB a 2\r\nabc\r\n", &[], Some(DecodeError::Verb));
    says("PUB a 2\r\nab\n", &[], Some(DecodeError::Verb));
    says("PUB a 2\r\nab\rx", &[], Some(DecodeError::Verb));
}

#[test]
fn what_begins_with_no_verb_is_refused_by_its_first_byte_that_is_wrong() {
    for (begins_well, wrong) in
        [("", "x"), ("P", "x"), ("conn", " "), ("UNSU", "X"), ("PING", "S"), ("PUB", "\0")]
    {
        says(begins_well, &[], None);
        says(&format!("{begins_well}{wrong}"), &[], Some(DecodeError::Verb));
    }
    says("PING and more", &[], None);
}

#[test]
fn the_arguments_of_a_line_may_be_as_long_as_allowed_and_no_longer() {
    let line = |length: usize| format!("SUB {} 1", "x".repeat(length - " 1".len()));
    for end in ["\r\n", "\n"] {
        says(&(line(LINE_MAX) + end), &[&format!("subscribe {} sid 1", "x".repeat(LINE_MAX - 2))], None);
        says(&(line(LINE_MAX + 1) + end), &[], Some(DecodeError::ControlLine));
    }
    says(&format!("CONNECT {}\r", "x".repeat(LINE_MAX)), &[], None);
    says(&format!("CONNECT {}", "x".repeat(LINE_MAX + 1)), &[], Some(DecodeError::ControlLine));
}

#[test]
fn a_payload_is_refused_by_its_declared_length() {
    let payload = "x".repeat(PAYLOAD_MAX);
    let told = format!("publish a payload {payload:?}");
    says(&format!("PUB a {PAYLOAD_MAX}\r\n{payload}\r\n"), &[&told], None);
    says(&format!("PUB a {}\r\n", PAYLOAD_MAX + 1), &[], Some(DecodeError::Payload));
    says(&format!("HPUB a 12 {}\r\n", PAYLOAD_MAX + 1), &[], Some(DecodeError::Payload));
}

#[track_caller]
fn connect(json: impl AsRef<[u8]>) -> Connect {
    let json = json.as_ref();
    Connect::parse(json).unwrap_or_else(|error| panic!("{}: {error}", json.escape_ascii()))
}

#[test]
fn a_connect_without_fields_is_as_nats_server_has_it() {
    for nothing in ["{}", "null", r#" {"lang":"x","version":[[{}]]} "#, r#"{"verbose":null,"name":null}"#] {
        let Connect { verbose, pedantic, echo, headers, no_responders, protocol, .. } = connect(nothing);
        assert!(verbose && pedantic && echo && !headers && !no_responders && protocol == 0, "{nothing}");
    }
    let connect = connect(r#"{"echo":false,"pass":"secret","auth_token":"secret","protocol":1}"#);
    assert!(!connect.echo && connect.pass.as_deref() == Some("secret") && connect.protocol == 1);
    assert!(!format!("{connect:?}").contains("secret"));
}

#[test]
fn a_connect_is_read_as_nats_server_reads_it() {
    assert!(!connect(r#"{"verbose":true,"VERBOSE":false}"#).verbose, "the last one, in any case");
    assert!(!connect(r#"{"verbose":false,"verbose":null}"#).verbose, "null changes nothing");
    assert!(!connect(r#"{"verb\u006fse":false}"#).verbose);
    assert_eq!(connect(b"{\"name\":\"gr\xf6\xdfe\"}").name.as_deref(), Some("gr\u{fffd}\u{fffd}e"));
    assert!(connect(r#"{"name":"a\ud800"}"#).name.expect("a name").starts_with("a\u{fffd}"));
    assert!(!connect(b"{\"gr\xf6\":1,\"\\ud800\":2,\"verbose\":false}").verbose);

    let mut known = connect(r#"{"headers":true,"name":"x"}"#);
    known.update(br#"{"verbose":false}"#).expect("an object");
    assert!(known.headers && !known.verbose && known.name.as_deref() == Some("x"), "what is not named stays");
}

#[test]
fn what_is_no_connect_is_told_without_what_is_in_it() {
    for wrong in [
        "",
        "[]",
        "[true]",
        "7",
        "true",
        "{",
        "{}x",
        r#"{"verbose":false,}"#,
        r#"{"echo":1}"#,
        r#"{"name":7}"#,
        r#"{"name":[1]}"#,
        r#"{"protocol":"1"}"#,
        r#"{"protocol":1.5}"#,
        "\u{fffd}",
    ] {
        Connect::parse(wrong.as_bytes()).expect_err(wrong);
    }
    let error = Connect::parse(br#"{"pass":7654321}"#).expect_err("no text");
    assert!(!format!("{error} {error:?}").contains("7654321"), "{error:?}");
}

#[test]
fn what_a_server_says() {
    let mut headers = Headers::new();
    let written = |headers: &Headers, reply| {
        let mut out = Vec::new();
        let outgoing = encode::Outgoing { topic: "a.b", sid: b"7", reply, headers, payload: b"hello" };
        encode::message(&mut out, &outgoing);
        String::from_utf8(out).expect("text")
    };
    assert_eq!(written(&headers, None), "MSG a.b 7 5\r\nhello\r\n");
    assert_eq!(written(&headers, Some("r")), "MSG a.b 7 r 5\r\nhello\r\n");
    headers.append("A", "b").expect("a header");
    let block = "NATS/1.0\r\nA: b\r\n\r\n";
    assert_eq!(written(&headers, Some("r")), format!("HMSG a.b 7 r 18 23\r\n{block}hello\r\n"));
    for block in ["NATS/1.0\r\nA:b\r\n\r\n", "NATS/1.0\r\n\r\n", "NATS/1.0 503\r\n\r\n", "no block"] {
        let (length, all) = (block.len(), block.len() + 5);
        let expected = format!("HMSG a.b 7 {length} {all}\r\n{block}hello\r\n");
        assert_eq!(written(&Headers::from_block(block), None), expected, "as it came");
    }
    assert_eq!(written(&Headers::from_block(""), None), "MSG a.b 7 5\r\nhello\r\n");

    let mut out = Vec::new();
    encode::no_responders(&mut out, "_INBOX.1", b"2", b"a.b");
    encode::error(&mut out, "it's \r\n\"x\"");
    let expected =
        "HMSG _INBOX.1 2 35 35\r\nNATS/1.0 503\r\nNats-Subject: a.b\r\n\r\n\r\n-ERR 'it?s ??\"x\"'\r\n";
    assert_eq!(String::from_utf8(out).expect("text"), expected);
}

/// Something a client might say, right or nearly right.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let publish = ("[a-c.]{1,3}", prop::collection::vec(any::<u8>(), 0..PAYLOAD_MAX + 2)).prop_map(
        |(subject, payload)| {
            let mut line = format!("PUB {subject} {}\r\n", payload.len()).into_bytes();
            line.extend_from_slice(&payload);
            line.extend_from_slice(b"\r\n");
            line
        },
    );
    let text = prop_oneof![
        "(PING|PONG|SUB a 1|SUB a q 1|UNSUB 1|UNSUB 1 2|CONNECT \\{\\})\r?\n",
        "H?PUB( [a-c0-9]{1,2}){1,5}\r\n",
    ]
    .prop_map(String::into_bytes);
    let noise = prop::collection::vec(any::<u8>(), 0..20);
    prop_oneof![6 => publish, 6 => text, 1 => noise]
}

proptest! {
    #[test]
    fn the_cut_makes_no_difference(
        lines in prop::collection::vec(line(), 0..12),
        cuts in prop::collection::vec(1_usize..40, 0..40),
    ) {
        let input = Bytes::from(lines.concat());
        let whole = fed([&*input]);
        let mut rest = input.clone();
        let mut pieces: Vec<Bytes> =
            cuts.into_iter().map(|cut| rest.split_to(cut.min(rest.len()))).collect();
        pieces.push(rest);
        prop_assert_eq!(&fed(pieces.iter().map(|piece| &**piece)), &whole);
        prop_assert_eq!(&fed(input.chunks(1)), &whole);
    }

    #[test]
    fn what_was_written_is_read(
        headers in prop::collection::vec(("[!-9;-~]{1,8}", "([^\r\n \t]{1,3}( [^\r\n \t]{1,3})?)?"), 1..4),
    ) {
        let mut expected = Headers::new();
        for (name, value) in headers {
            expected.append(name, value).expect("a header");
        }
        let mut block = Vec::new();
        header_block::write(&mut block, &expected);
        prop_assert_eq!(block.len(), header_block::length(&expected));
        prop_assert_eq!(Headers::from_block(block), expected);
    }

    #[test]
    fn whatever_a_block_is_it_is_carried(
        block in prop_oneof![
            "NATS/1\\.0( 503)?\r\n([A-C ]{0,2}:?[a-c ]{0,2}\r?\n){0,4}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 1..40),
        ],
    ) {
        let headers = Headers::from_block(block.clone());
        prop_assert!(headers.iter().all(|(name, value)| !name.is_empty() && !value.contains(['\r', '\n'])));
        let mut out = Vec::new();
        header_block::write(&mut out, &headers);
        prop_assert_eq!((out.len(), out), (header_block::length(&headers), block));
    }
}
