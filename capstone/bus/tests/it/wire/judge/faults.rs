//! What is not the protocol.

use super::script::Script;

const LENIENT: &str = "nats-server lets pass what no client says";
const WHY: &str = "nats-server reads its own words, too";

pub(super) fn scripts() -> Vec<Script> {
    let ends = |name, text: &str| Script::new(name).ends(text);
    let says = |name, text: &str| Script::new(name).says(text);
    let unknown = r"-ERR \'Unknown Protocol Operation\'\r\n<closed>";
    vec![
        ends("an empty line", "\r\n"),
        ends("a blank first", " PING\r\n"),
        ends("no verb", "nonsense\r\n"),
        ends("no verb, and no end of the line", "nonsense"),
        ends("another protocol", "GET / HTTP/1.1\r\n\r\n"),
        ends("a zero", "\0\r\n"),
        ends("a verb with more letters", "PUBLISH a 0\r\n\r\n"),
        ends("a word of servers", "RS+ $G a\r\n"),
        ends("a word of leaf nodes", "LS+ a\r\n"),
        ends("a message from a server", "MSG a 1 0\r\n\r\n"),
        ends("PUB alone", "PUB\r\n"),
        ends("HPUB alone", "HPUB\r\n"),
        ends("SUB alone", "SUB\r\n"),
        ends("UNSUB alone", "UNSUB\r\n"),
        ends("PUB and a blank", "PUB \r\n"),
        ends("PUB without a length", "PUB a\r\n"),
        ends("PUB without a subject", "PUB 5\r\n"),
        ends("PUB with too many words", "PUB a b c 5\r\n"),
        ends("a length that is none", "PUB a x\r\n"),
        ends("a length below none", "PUB a -1\r\n"),
        ends("a length with a sign", "PUB a +1\r\n"),
        ends("a length with a point", "PUB a 1.0\r\n"),
        ends("a length beyond all numbers", "PUB a 99999999999999999999\r\n"),
        ends("a length beyond the limit", "PUB a 1048577\r\n"),
        ends("a payload that is longer", "PUB a 2\r\nabc\r\n"),
        ends("a payload that ends with LF", "PUB a 2\r\nab\n"),
        ends("a payload that ends with half an end", "PUB a 2\r\nab\rx"),
        ends("SUB and a blank", "SUB \r\n"),
        ends("SUB without a sid", "SUB a\r\n"),
        ends("SUB with too many words", "SUB a b c d\r\n"),
        ends("UNSUB and a blank", "UNSUB \r\n"),
        ends("UNSUB with too many words", "UNSUB 1 2 3\r\n"),
        ends("CONNECT alone", "CONNECT\r\n"),
        Script::new("words behind PING and PONG").says("PING x y\r\nPONG z\r\n"),
        says("letters behind PING", "PINGX\r\n").differs(LENIENT, unknown),
        says("INFO of a client", "INFO {}\r\n").differs(WHY, unknown),
        says("+OK of a client", "+OK\r\n").differs(WHY, unknown),
        ends("-ERR of a client", "-ERR 'x'\r\n").differs(WHY, unknown),
    ]
}
