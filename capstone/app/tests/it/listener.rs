//! The listener of `serve` as `capstone.toml` and the environment have it: limits, users, TLS.

use std::fs;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::network::Running;
use crate::support::{Ended, Place, command};

/// `capstone serve` where `capstone.toml` holds this.
fn start(place: &Place, file: &str, environment: &[(&str, &str)]) -> Running {
    fs::write(place.path("capstone.toml"), file).unwrap();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--http", "off"]);
    serve.current_dir(place.path("")).envs(environment.iter().copied());
    Running::start(serve)
}

/// The same, and where it listens.
async fn serve(place: &Place, file: &str, environment: &[(&str, &str)]) -> (Running, String) {
    let mut serve = start(place, file, environment);
    let said = serve.says().await;
    (serve, said.strip_prefix("listening on nats://").expect(&said).to_owned())
}

/// What the server answers to each of these lines, from its greeting on.
async fn answers(address: &str, lines: &[&str]) -> Vec<String> {
    let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut answers = Vec::new();
    for line in [&[""], lines].concat() {
        socket.get_mut().write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_line(&mut answer).await.unwrap();
        answers.push(answer.trim_end().to_owned());
    }
    answers
}

async fn publish(address: &str, topic: &str, environment: &[(&str, &str)]) -> Ended {
    let mut publish = command(&["publish", "--server", address, topic, "x"]);
    publish.envs(environment.iter().copied());
    Running::start(publish).ended().await
}

#[tokio::test]
async fn limits_come_from_the_file_and_the_environment() {
    let place = Place::new();
    let file = "[listen]\nmax_payload = \"2KiB\"\nmax_control_line = 100\nmax_subscriptions = 1\nmax_connections = 1\n";
    let (server, address) = serve(&place, file, &[("CAPSTONE_LISTEN_MAX_PAYLOAD", "3KiB")]).await;
    let connect = "CONNECT {\"verbose\":true}\r\n";
    let heard = answers(&address, &[connect, "SUB a 1\r\n", "SUB a 2\r\n"]).await;
    assert!(heard[0].contains("\"max_payload\":3072,"), "{}", heard[0]);
    assert_eq!(heard[1..], ["+OK", "+OK", "-ERR 'maximum subscriptions exceeded'"]);
    server.terminated().await.done();

    let refused = start(&place, "[listen]\nmax_pending = \"1KiB\"\n", &[]).ended().await;
    refused.failed_with(&["127.0.0.1:0", "the longest payload is more than may wait"]);
}

#[tokio::test]
async fn users_come_with_their_secrets_and_their_permissions() {
    let place = Place::new();
    fs::write(place.path("shop.secret"), "hunter2\n").unwrap();
    let file = "[listen]\nuser = \"admin\"\n\
        [[listen.users]]\nuser = \"shop\"\npassword_file = \"shop.secret\"\n\
        permissions.publish = { allow = [\"orders.>\"], deny = [\"orders.refunded\"] }\n\
        [[listen.users]]\ntoken = \"t0ken\"\npermissions.subscribe = \"labels.>\"\npermissions.allow_responses = true\n";
    let (server, address) = serve(&place, file, &[("CAPSTONE_LISTEN_PASSWORD", "s3cret")]).await;
    let admin = [("CAPSTONE_NATS_USER", "admin"), ("CAPSTONE_NATS_PASSWORD", "s3cret")];
    // Somebody who is named is not also known by the token.
    let shop =
        [("CAPSTONE_NATS_USER", "shop"), ("CAPSTONE_NATS_PASSWORD", "hunter2"), ("CAPSTONE_TOKEN", "t0ken")];
    publish(&address, "anything", &admin).await.done();
    publish(&address, "orders.created", &shop).await.done();
    for topic in ["orders.refunded", "labels.a"] {
        let refused = publish(&address, topic, &shop).await;
        refused.failed_with(&[&format!("Permissions Violation for Publish to \"{topic}\"")]);
    }
    let refused = publish(&address, "a", &[("CAPSTONE_TOKEN", "t0ken")]).await;
    refused.failed_with(&["Permissions Violation for Publish to \"a\""]);
    for stranger in [&[][..], &[("CAPSTONE_TOKEN", "hunter2")]] {
        publish(&address, "a", stranger).await.failed_with(&["Authorization Violation"]);
    }
    let ended = server.terminated().await.done();
    for secret in ["hunter2", "t0ken", "s3cret"] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn what_is_wrong_with_users_is_said_and_no_secret() {
    let place = Place::new();
    fs::write(place.path("empty"), "\nhunter2\n").unwrap();
    for (file, words) in [
        ("[listen]\nuser = \"u\"\n", &["listen.user and listen.password"][..]),
        ("[[listen.users]]\ntoken_file = \"missing\"\n", &["listen.users: missing: No such file"]),
        ("[[listen.users]]\ntoken_file = \"empty\"\n", &["listen.users: empty: its first line"]),
        (
            "[[listen.users]]\nuser = \"u\"\npassword = \"hunter2\"\n[[listen.users]]\nuser = \"u\"\npassword = \"x\"\n",
            &["two users \"u\""],
        ),
    ] {
        let ended = start(&place, file, &[]).ended().await;
        ended.failed_with(words);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn an_address_of_others_without_encryption_is_warned_of() {
    let mut serve = command(&["serve", "--listen", "0.0.0.0:0", "--http", "off"]);
    serve.env("CAPSTONE_TOKEN", "t");
    let mut serve = Running::start(serve);
    let said = serve.says().await;
    assert!(said.contains("WARN") && said.contains("not encrypted"), "{said}");
    assert!(serve.says().await.starts_with("listening on "));
    serve.terminated().await.done();
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn tls_comes_from_files() {
    let place = Place::new();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["localhost".into()]).unwrap().self_signed(&key).unwrap();
    fs::write(place.path("cert.pem"), certificate.pem()).unwrap();
    fs::write(place.path("key.pem"), key.serialize_pem()).unwrap();
    let file = "[listen]\ntls_cert_file = \"cert.pem\"\ntls_key_file = \"key.pem\"\n";
    let (server, address) = serve(&place, file, &[]).await;
    let heard = answers(&address, &[]).await;
    assert!(heard[0].contains("\"tls_required\":true,") && !heard[0].contains("tls_verify"), "{}", heard[0]);
    publish(&address, "a", &[]).await.failed_with(&["the server wants TLS"]);
    server.terminated().await.done();

    let (server, address) = serve(&place, &format!("{file}tls_ca_file = \"cert.pem\"\n"), &[]).await;
    assert!(answers(&address, &[]).await[0].contains("\"tls_verify\":true,"));
    server.terminated().await.done();

    for (file, words) in [
        ("[listen]\ntls_cert_file = \"cert.pem\"\n", &["listen.tls_cert_file and listen.tls_key_file"][..]),
        (
            "[listen]\ntls_cert_file = \"cert.pem\"\ntls_key_file = \"none.pem\"\n",
            &["listen.tls_key_file: none.pem: No such file"],
        ),
        (
            "[listen]\ntls_cert_file = \"key.pem\"\ntls_key_file = \"key.pem\"\n",
            &["listen.tls_cert_file", "certificates: there is none"],
        ),
    ] {
        start(&place, file, &[]).ended().await.failed_with(words);
    }
}
