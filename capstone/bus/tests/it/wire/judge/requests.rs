//! Requests, and what is heard when nobody is there.

use super::script::Script;

const AT_ONCE: &str = "a request that is refused ends at once, too";

pub(super) fn scripts() -> Vec<Script> {
    let asks = |name, subject: &str| {
        Script::new(name).says("SUB r.* 1\r\n").says(format!("PUB {subject} r.1 1\r\nx\r\n"))
    };
    let ask = "PUB nobody r 0\r\n\r\n";
    let deep = vec!["t"; 500].join(".");
    vec![
        asks("to nobody", "nobody"),
        asks("to JetStream", "$JS.API.INFO"),
        asks("to the system", "$SYS.REQ.SERVER.PING"),
        asks("to what is like the question who one is", "$SYS.REQ.USER.INFO.x"),
        asks("to a subject of 300 bytes", &"x".repeat(300)),
        asks("to a subject of 500 tokens", &deep),
        asks("to what is no subject", "a..b"),
        Script::new("to what is no subject, by a pedantic client")
            .connect(r#"{"verbose":false,"pedantic":true,"headers":true,"no_responders":true}"#)
            .says("SUB r 1\r\nPUB a..b r 0\r\n\r\n"),
        asks("to a wildcard", "a.*"),
        asks("to what is no UTF-8", "a\u{1}b"),
        Script::new("with headers, to nobody")
            .says("SUB r 1\r\n")
            .says("HPUB nobody r 12 13\r\nNATS/1.0\r\n\r\nx\r\n"),
        Script::new("without a reply").says("SUB r 1\r\n").says("PUB nobody 0\r\n\r\n"),
        Script::new("with a reply elsewhere").says("SUB r 1\r\n").says("PUB nobody s 0\r\n\r\n"),
        Script::new("with a reply to somebody else").other("SUB r 1\r\n").says(ask).other(""),
        Script::new("with a reply to a group").says("SUB r g 1\r\n").says(ask),
        Script::new("with a reply by a wildcard").says("SUB *.r.> 1\r\n").says("PUB nobody a.r.1 0\r\n\r\n"),
        Script::new("with a reply to oneself, without echo")
            .connect(r#"{"verbose":false,"echo":false,"headers":true,"no_responders":true}"#)
            .says("SUB r 1\r\nSUB me 2\r\n")
            .says(ask)
            .says("PUB me r 0\r\n\r\n"),
        Script::new("that count for no end")
            .says("SUB r 1\r\nUNSUB 1 1\r\n")
            .says(ask)
            .says(ask)
            .says("PUB r 0\r\n\r\n")
            .says(ask),
        Script::new("of who does not want to know")
            .connect(r#"{"verbose":false,"headers":true}"#)
            .says("SUB r 1\r\n")
            .says(ask),
        Script::new("every command answered")
            .connect(r#"{"headers":true,"no_responders":true}"#)
            .says("SUB r 1\r\n")
            .says(ask),
        Script::new("to somebody who is there")
            .says("SUB r 1\r\n")
            .other("SUB a 1\r\n")
            .says("PUB a r 1\r\n?\r\n")
            .other("PUB r 1\r\n!\r\n")
            .says(""),
        Script::new("to somebody who has gone")
            .says("SUB r 1\r\n")
            .other("SUB a 1\r\nUNSUB 1\r\n")
            .says("PUB a r 0\r\n\r\n"),
        Script::new("to somebody who has had enough")
            .says("SUB r 1\r\n")
            .other("SUB a 1\r\nUNSUB 1 1\r\nPUB a 0\r\n\r\n")
            .says("PUB a r 0\r\n\r\n"),
        Script::new("to a group")
            .says("SUB r 1\r\n")
            .other("SUB a g 1\r\n")
            .says("PUB a r 0\r\n\r\n")
            .other(""),
        Script::new("who am I, without a reply").says("PUB $SYS.REQ.USER.INFO 0\r\n\r\n"),
        asks("to dead letters", "$DLQ.a"),
        Script::new("to a word of the bus, that somebody listens to")
            .says("SUB r 1\r\n")
            .other("SUB $DLQ.a 1\r\n")
            .says("PUB $DLQ.a r 0\r\n\r\n")
            .other("")
            .differs(AT_ONCE, r"HMSG r 1 38 38\r\nNATS/1.0 503\r\nNats-Subject: $DLQ.a\r\n\r\n\r\n"),
    ]
}
