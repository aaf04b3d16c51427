//! Header blocks, of which nothing is judged.

use super::script::Script;

pub(super) fn scripts() -> Vec<Script> {
    let carried = |name, block: &[u8]| {
        let (length, all) = (block.len(), block.len() + 1);
        let line = [format!("HPUB a {length} {all}\r\n").as_bytes(), block, b"x\r\n"].concat();
        let reply = [format!("HPUB a r {length} {all}\r\n").as_bytes(), block, b"x\r\n"].concat();
        Script::new(name).says("SUB a 1\r\n").other("SUB a 1\r\n").says(line).says(reply).other("")
    };
    let block = "NATS/1.0\r\nA: b\r\n\r\n";
    let hpub = format!("HPUB a 18 19\r\n{block}x\r\n");
    vec![
        carried("some", b"NATS/1.0\r\nA: b\r\nA: c\r\n\r\n"),
        carried("no block at all", b""),
        carried("a block without headers", b"NATS/1.0\r\n\r\n"),
        carried("blanks everywhere", b"NATS/1.0\r\nA:b\r\nC:   d  \r\nE:\r\n\r\n"),
        carried("a value in Latin-1", b"NATS/1.0\r\nX: gr\xf6\xdfe\r\n\r\n"),
        carried("a value of any bytes", b"NATS/1.0\r\nX: \x00\x01\x7f\xff\r\n\r\n"),
        carried("a status", b"NATS/1.0 503\r\n\r\n"),
        carried("a status, its text and headers", b"NATS/1.0 100 Idle Heartbeat\r\nLast: 7\r\n\r\n"),
        carried("a blank behind the version", b"NATS/1.0 \r\nA: b\r\n\r\n"),
        carried("blanks in names", b"NATS/1.0\r\nMy Key: 1\r\nKey : 2\r\n: 3\r\n\r\n"),
        carried("a name in UTF-8", "NATS/1.0\r\nGröße: 1\r\n\r\n".as_bytes()),
        carried("a line without colon", b"NATS/1.0\r\nA\r\n\r\n"),
        carried("a LF in a value", b"NATS/1.0\r\nA: b\nc\r\n\r\n"),
        carried("no last line", b"NATS/1.0\r\nA: b\r\n"),
        carried("an end of lines too early", b"NATS/1.0\r\n\r\nA: b\r\n\r\n"),
        carried("another protocol", b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"),
        carried("another version", b"NATS/2.0\r\nA: b\r\n\r\n"),
        carried("no line at all", b"abc"),
        carried("many", ["NATS/1.0\r\n", &"Name: value\r\n".repeat(500), "\r\n"].concat().as_bytes()),
        Script::new("to who does not know them")
            .connect(r#"{"verbose":false}"#)
            .says("SUB a 1\r\n")
            .other(&hpub)
            .other("HPUB a r 16 16\r\nNATS/1.0 503\r\n\r\n\r\nHPUB a 0 1\r\ny\r\n")
            .says(""),
        Script::new("in small letters").says("SUB a 1\r\n").says(hpub.to_lowercase()),
        Script::new("of a message without payload")
            .says("SUB a 1\r\n")
            .says("HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n"),
        Script::new("every command is answered")
            .connect(r#"{"headers":true}"#)
            .says("SUB a 1\r\n")
            .says(&hpub),
        Script::new("from who does not know them").connect(r#"{"verbose":false}"#).ends(&hpub),
        Script::new("longer than all").ends("HPUB a 5 3\r\nabc\r\n"),
        Script::new("one number only").ends("HPUB a 5\r\nabcde\r\n"),
        Script::new("no numbers").ends("HPUB a x y\r\n"),
        Script::new("too many words").ends("HPUB a b c 1 2\r\nab\r\n"),
        Script::new("too large").ends("HPUB a 12 1048577\r\n"),
    ]
}
