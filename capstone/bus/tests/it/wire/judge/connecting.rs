//! `CONNECT`, and doing without.

use super::script::Script;

const BEGIN: &str = "SUB a 1\r\nPUB a 1\r\nx\r\n";

fn connects(name: &'static str, options: impl AsRef<[u8]>) -> Script {
    let line = [b"CONNECT ", options.as_ref(), b"\r\n", BEGIN.as_bytes()].concat();
    Script::new(name).unconnected().says(line)
}

fn refused(name: &'static str, options: &str) -> Script {
    Script::new(name).unconnected().ends(format!("CONNECT {options}\r\n"))
}

pub(super) fn scripts() -> Vec<Script> {
    let quiet = "CONNECT {\"verbose\":false}\r\n";
    vec![
        Script::new("no CONNECT").unconnected().says(BEGIN),
        Script::new("no CONNECT, a PING").unconnected().says(""),
        Script::new("no CONNECT, and headers").unconnected().ends("HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n"),
        Script::new("CONNECT later")
            .unconnected()
            .says("SUB a 1\r\n")
            .says([quiet, "PUB a 1\r\nx\r\n"].concat()),
        Script::new("CONNECT later, with headers")
            .unconnected()
            .says("SUB a 1\r\n")
            .says("CONNECT {\"verbose\":false,\"headers\":true}\r\nHPUB a 12 13\r\nNATS/1.0\r\n\r\nx\r\n"),
        Script::new("CONNECT later, without echo")
            .unconnected()
            .says("SUB a 1\r\n")
            .says("CONNECT {\"verbose\":false,\"echo\":false}\r\nPUB a 1\r\nx\r\n"),
        connects("nothing", "{}"),
        connects("null", "null"),
        connects("null for a boolean", r#"{"verbose":null,"echo":null,"headers":null}"#),
        connects("null for a text", r#"{"verbose":false,"name":null,"auth_token":null}"#),
        connects("a key twice", r#"{"verbose":true,"verbose":false}"#),
        connects("a key twice, the other way", r#"{"verbose":false,"verbose":true}"#),
        connects("a key in another case", r#"{"Verbose":false,"ECHO":true}"#),
        connects("a key with an escape", r#"{"verb\u006fse":false}"#),
        connects("a name in Latin-1", b"{\"verbose\":false,\"name\":\"gr\xf6\xdfe\"}"),
        connects("a key in Latin-1", b"{\"verbose\":false,\"gr\xf6\xdfe\":1}"),
        connects("half a surrogate", r#"{"verbose":false,"name":"\ud800"}"#),
        connects("half a surrogate in a key", r#"{"verbose":false,"\ud800":1}"#),
        connects("a long name", format!(r#"{{"verbose":false,"name":"{}"}}"#, "n".repeat(3_000))),
        connects("what nobody knows", r#"{"verbose":false,"x":[[[[{"a":1.5e9}]]]],"y":null}"#),
        connects(
            "credentials that nobody wants",
            r#"{"verbose":false,"user":"u","pass":"p","auth_token":"t"}"#,
        ),
        connects("TLS that there is not", r#"{"verbose":false,"tls_required":true}"#),
        connects("blanks around", " \t {\"verbose\":false} "),
        connects(
            "in one go with everything",
            r#"{"verbose":false,"pedantic":false,"tls_required":false,"name":"","lang":"go","version":"1.0","protocol":1,"echo":true,"headers":true,"no_responders":true}"#,
        ),
        connects("no echo", r#"{"verbose":false,"echo":false}"#),
        refused("no options", ""),
        refused("an array", "[]"),
        refused("a number", "7"),
        refused("half an object", "{"),
        refused("more than an object", "{}x"),
        refused("a comma too many", r#"{"verbose":false,}"#),
        refused("a number for a boolean", r#"{"verbose":0}"#),
        refused("a text for a boolean", r#"{"verbose":"false"}"#),
        refused("a number for a text", r#"{"verbose":false,"name":7}"#),
        refused("an object for a text", r#"{"verbose":false,"name":{}}"#),
        refused("a protocol that there is not", r#"{"verbose":false,"protocol":2}"#),
        refused("a protocol below none", r#"{"verbose":false,"protocol":-1}"#),
        refused("a protocol that is no number", r#"{"verbose":false,"protocol":"1"}"#),
        refused("no responders without headers", r#"{"verbose":false,"no_responders":true}"#),
        Script::new("CONNECT again")
            .says("SUB a 1\r\n")
            .says([quiet, "PUB a 1\r\nx\r\n"].concat())
            .says(BEGIN),
        Script::new("CONNECT again, with less")
            .connect("{}")
            .says(quiet)
            .says("CONNECT {}\r\n")
            .says("SUB a 1\r\n"),
        Script::new("CONNECT again, without headers")
            .says("CONNECT {\"headers\":false,\"no_responders\":false}\r\n")
            .ends("HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n"),
        Script::new("CONNECT again, without what it was told first")
            .says("CONNECT {\"no_responders\":true}\r\n")
            .says("SUB r 1\r\nPUB nobody r 0\r\n\r\n"),
        connects("an account", r#"{"verbose":false,"account":"X"}"#)
            .differs("there are no accounts, so none is missing", r"MSG a 1 1\r\nx\r\n"),
    ]
}

pub(super) fn with_a_token() -> Vec<Script> {
    let none = |name| Script::new(name).unconnected();
    vec![
        connects("the token", r#"{"verbose":false,"auth_token":"t"}"#),
        connects("the token in another case of its key", r#"{"verbose":false,"AUTH_TOKEN":"t"}"#),
        refused("another token", r#"{"auth_token":"x"}"#),
        refused("no token", "{}"),
        refused("null", r#"{"auth_token":null}"#),
        refused("a user", r#"{"user":"t"}"#),
        refused("the token, and then another", r#"{"auth_token":"t","auth_token":"x"}"#),
        none("a PING first").ends("PING\r\n"),
        none("a message first").ends("PUB a 1\r\nx\r\n"),
        none("nonsense first").ends("nonsense\r\n"),
        Script::new("CONNECT again, without the token")
            .connect(r#"{"verbose":false,"auth_token":"t"}"#)
            .says("CONNECT {\"verbose\":false}\r\n")
            .says(BEGIN),
        Script::new("CONNECT again, with another token")
            .connect(r#"{"verbose":false,"auth_token":"t"}"#)
            .ends("CONNECT {\"auth_token\":\"x\"}\r\n"),
    ]
}

pub(super) fn with_a_user() -> Vec<Script> {
    vec![
        connects("the user", r#"{"verbose":false,"user":"u","pass":"p"}"#),
        refused("another password", r#"{"user":"u","pass":"x"}"#),
        refused("another user", r#"{"user":"x","pass":"p"}"#),
        refused("no password", r#"{"user":"u"}"#),
        refused("the password as a token", r#"{"auth_token":"p"}"#),
    ]
}
