//! Where and how messages are published.

use super::script::Script;

const FOREIGN: &str = "what the bus does not know as a topic nobody can be given";
const OWN: &str = "dead letters and what the bus itself says cannot be forged";

pub(super) fn scripts() -> Vec<Script> {
    let all = |name| Script::new(name).says("SUB > 1\r\n");
    let deep = vec!["t"; 1_000].join(".");
    vec![
        all("a message").says("PUB a 1\r\nx\r\n"),
        all("a message of no bytes").says("PUB a 0\r\n\r\n"),
        all("with a reply").says("PUB a.b r.1 2\r\nhi\r\n"),
        all("line ends in the payload").says("PUB a 4\r\n\r\n\r\n\r\n"),
        all("a payload that looks like commands").says("PUB a 14\r\nPUB b 1\r\nx\r\n\r\n\r\n"),
        all("bytes that are no text").says(b"PUB a 4\r\n\x00\xff\xfe\x80\r\n"),
        all("several in order").says("PUB a 1\r\n1\r\nPUB b 1\r\n2\r\nPUB a 1\r\n3\r\n"),
        all("a verb in small letters").says("pub a 1\r\nx\r\nPuB a 1\r\ny\r\n"),
        all("tabs and many blanks").says("PUB \t a   r\t 1 \r\nx\r\n"),
        all("lines that end with LF alone").says("PUB a 1\nx\r\n"),
        all("a subject of 300 bytes").says(format!("PUB {} 1\r\nx\r\n", "x".repeat(300))),
        all("a subject of 4,000 bytes").says(format!("PUB {} 1\r\nx\r\n", "x".repeat(4_000))),
        all("a subject of 1,000 tokens").says(format!("PUB {deep} 1\r\nx\r\n")),
        all("a reply of 1,000 tokens").says(format!("PUB a {deep} 1\r\nx\r\n")),
        all("a subject in UTF-8").says("PUB Zürich.größe 1\r\nx\r\n"),
        all("an inbox").says("PUB _INBOX.a.1 1\r\nx\r\n"),
        all("an empty token").says("PUB a..b 1\r\nx\r\n").says("PUB .a 1\r\nx\r\n").says("PUB a. 1\r\nx\r\n"),
        Script::new("an empty token, with a pedantic client")
            .connect(r#"{"verbose":false,"pedantic":true}"#)
            .says("SUB > 1\r\nPUB a..b 1\r\nx\r\nPUB a 1\r\ny\r\n"),
        Script::new("between two clients")
            .says("SUB a 1\r\n")
            .other("PUB a 1\r\nx\r\nPUB b 1\r\ny\r\n")
            .says(""),
        Script::new("not to oneself, without echo")
            .connect(r#"{"verbose":false,"echo":false}"#)
            .says("SUB a 1\r\nPUB a 3\r\nown\r\n")
            .other("PUB a 5\r\nother\r\n")
            .says(""),
        Script::new("every command is answered")
            .connect("{}")
            .says("SUB a 1\r\n")
            .says("PUB a 1\r\nx\r\n")
            .says("PUB b r 1\r\nx\r\n")
            .says("UNSUB 1 9\r\n")
            .says("PONG\r\n")
            .says("PING\r\n"),
        all("a number with leading zeros")
            .says("PUB a 001\r\nx\r\n")
            .differs("lengths are written, and not copied", r"MSG a 1 1\r\nx\r\n"),
        all("a wildcard")
            .says("PUB a.* 1\r\nx\r\n")
            .differs(FOREIGN, r#"-ERR \'Permissions Violation for Publish to \"a.*\"\'\r\n"#),
        all("a wildcard inside of a token")
            .says("PUB a*b 1\r\nx\r\n")
            .differs(FOREIGN, r#"-ERR \'Permissions Violation for Publish to \"a*b\"\'\r\n"#),
        all("a subject that is no UTF-8")
            .says(b"PUB a\xff 1\r\nx\r\n")
            .differs(FOREIGN, r#"-ERR \'Permissions Violation for Publish to \"a\xef\xbf\xbd\"\'\r\n"#),
        all("a control character")
            .says("PUB a\x01 1\r\nx\r\n")
            .differs(FOREIGN, r#"-ERR \'Permissions Violation for Publish to \"a?\"\'\r\n"#),
        all("a reply with a wildcard").says("PUB a r.* 1\r\nx\r\n").differs(
            "nobody could reply there",
            r#"-ERR \'Permissions Violation for Publish with Reply of \"r.*\"\'\r\n"#,
        ),
        Script::new("a dead letter")
            .says("SUB $DLQ.> 1\r\nPUB $DLQ.a 1\r\nx\r\n")
            .differs(OWN, r#"-ERR \'Permissions Violation for Publish to \"$DLQ.a\"\'\r\n"#),
        Script::new("a word of the system")
            .says("SUB $SYS.x 1\r\nPUB $SYS.x 1\r\nx\r\n")
            .differs(OWN, r#"-ERR \'Permissions Violation for Publish to \"$SYS.x\"\'\r\n"#),
        Script::new("a reply that was not asked for").says("PUB $INBOX.1 1\r\nx\r\n").differs(
            "only who was asked may reply to a request of this process",
            r#"-ERR \'Permissions Violation for Publish to \"$INBOX.1\"\'\r\n"#,
        ),
    ]
}
