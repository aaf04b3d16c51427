//! What is subscribed to, and how it ends.

use super::script::Script;

const LITERAL: &str = "a wildcard is a token of its own, and nothing else may look like one";
const OTHER_PLACE: &str = "the connection is the judge of what it may subscribe to";

pub(super) fn scripts() -> Vec<Script> {
    let publish = |subject: &str| format!("PUB {subject} 1\r\nx\r\n");
    let two = "PUB a 1\r\nx\r\nPUB a 1\r\nx\r\n";
    let deep = vec!["*"; 1_000].join(".");
    vec![
        Script::new("one token")
            .says("SUB a.*.c 1\r\n")
            .says(publish("a.b.c") + &publish("a.b") + &publish("a.b.d")),
        Script::new("a * at the end")
            .says("SUB a.* 1\r\n")
            .says(publish("a") + &publish("a.b") + &publish("a.b.c")),
        Script::new("all the rest")
            .says("SUB a.> 1\r\n")
            .says(publish("a") + &publish("a.b") + &publish("a.b.c")),
        Script::new("two wildcards")
            .says("SUB *.b.> 1\r\n")
            .says(publish("a.b") + &publish("x.b.c") + &publish("b")),
        Script::new("in another case").says("SUB A 1\r\n").says(publish("a")),
        Script::new("a subject with $, by its name").says("SUB $a.> 1\r\n").says(publish("$a.b")),
        Script::new("300 bytes")
            .says(format!("SUB {} 1\r\n", "x".repeat(300)))
            .says(publish(&"x".repeat(300))),
        Script::new("1,000 tokens").says(format!("SUB {deep} 1\r\n")).says(publish(&deep.replace('*', "t"))),
        Script::new("a sid of letters")
            .says("SUB a it-is:me\r\n")
            .says(publish("a"))
            .says("UNSUB it-is:me\r\n"),
        Script::new("a sid that is no UTF-8")
            .says(b"SUB a \xff\r\n")
            .says(publish("a"))
            .says(b"UNSUB \xff\r\n"),
        Script::new("a sid that is taken").says("SUB a 1\r\nSUB b 1\r\n").says(publish("b") + &publish("a")),
        Script::new("a sid that is free again")
            .says("SUB a 1\r\nUNSUB 1\r\nSUB b 1\r\n")
            .says(publish("b") + &publish("a")),
        Script::new("tabs and many blanks").says("sub \ta \t g   1 \r\n").says(publish("a")),
        Script::new("an end").says("SUB a 1\r\nUNSUB 1\r\n").says(two),
        Script::new("an end of what is not there").says("UNSUB 7\r\nUNSUB 7 3\r\n"),
        Script::new("an end after two").says("SUB a 1\r\nUNSUB 1 2\r\n").says(two.repeat(2)).says(two),
        Script::new("an end after two, of which one was before")
            .says("SUB a 1\r\n")
            .says(publish("a"))
            .says("UNSUB 1 2\r\n")
            .says(two),
        Script::new("an end that was reached before")
            .says("SUB a 1\r\n")
            .says(two)
            .says("UNSUB 1 2\r\n")
            .says(two),
        Script::new("an end that was passed before")
            .says("SUB a 1\r\n")
            .says(two)
            .says("UNSUB 1 1\r\n")
            .says(two),
        Script::new("an end that is put off")
            .says("SUB a 1\r\nUNSUB 1 1\r\nUNSUB 1 3\r\n")
            .says(two.repeat(2)),
        Script::new("a sid after its end")
            .says("SUB a 1\r\nUNSUB 1 1\r\n")
            .says(two)
            .says("SUB a 1\r\n")
            .says(two),
        Script::new("an end after none").says("SUB a 1\r\nUNSUB 1 0\r\n").says(two),
        Script::new("an end after fewer than none").says("SUB a 1\r\nUNSUB 1 -1\r\n").says(two),
        Script::new("an end after no number").says("SUB a 1\r\nUNSUB 1 x\r\n").says(two),
        Script::new("an end after too many").says("SUB a 1\r\nUNSUB 1 9999999999\r\n").says(two),
        Script::new("a group of one").says("SUB a g 1\r\n").says(publish("a")),
        Script::new("a group and one alone")
            .says("SUB a g 1\r\n")
            .other("SUB a 1\r\n")
            .says(publish("a"))
            .other(""),
        Script::new("two groups").says("SUB a g 1\r\n").other("SUB a h 1\r\n").says(publish("a")).other(""),
        Script::new("a group without echo, of which the other is a member")
            .connect(r#"{"verbose":false,"echo":false}"#)
            .says("SUB a g 1\r\n")
            .other("SUB a g 1\r\n")
            .says(two)
            .other(""),
        Script::new("a group whose name has dots and wildcards").says("SUB a g.*.> 1\r\n").says(publish("a")),
        Script::new("an empty token").says("SUB a..b 1\r\n").says("SUB .a 1\r\n").says("SUB a. 1\r\n"),
        Script::new("a > that is not the last").says("SUB a.>.b 1\r\n").says("SUB >.a 1\r\n"),
        Script::new("an invalid subject of a group").says("SUB a..b g 1\r\n"),
        Script::new("an invalid subject, every command answered")
            .connect("{}")
            .says("SUB a..b 1\r\nSUB a 1\r\n"),
        Script::new("an invalid subject of a sid that is taken")
            .says("SUB a 1\r\nSUB a..b 1\r\n")
            .says(publish("a")),
        Script::new("a star inside of a token")
            .says("SUB a* 1\r\n")
            .says(publish("ab"))
            .differs(LITERAL, r#"-ERR \'Permissions Violation for Subscription to \"a*\"\'\r\n"#),
        Script::new("a > inside of a token")
            .says("SUB a.b> 1\r\n")
            .differs(LITERAL, r#"-ERR \'Permissions Violation for Subscription to \"a.b>\"\'\r\n"#),
        Script::new("what is no UTF-8").says(b"SUB a\xff 1\r\n").differs(
            "topics are text",
            r#"-ERR \'Permissions Violation for Subscription to \"a\xef\xbf\xbd\"\'\r\n"#,
        ),
        Script::new("a group whose name is no UTF-8").says(b"SUB a \xff 1\r\n").differs(
            "names of groups are text",
            r#"-ERR \'Permissions Violation for Subscription to \"a\" using queue \"\xef\xbf\xbd\"\'\r\n"#,
        ),
        Script::new("others' replies")
            .says("SUB $INBOX.> 1\r\n")
            .differs(OTHER_PLACE, r#"-ERR \'Permissions Violation for Subscription to \"$INBOX.>\"\'\r\n"#),
        Script::new("everything, with $ too")
            .says("SUB > 1\r\n")
            .says(publish("$a.b"))
            .differs("a wildcard in the first place does not see what begins with $", ""),
    ]
}
