//! Who the sink says that it is to a NATS server: by a token, a password, a key or a JWT, and never in an error.

use std::fs;

use capstone_outbox::sink::{NatsError, NatsOptions, NatsSink};
use capstone_outbox::{Sink, SinkError};

use crate::nats::{Server, envelope};
#[cfg(feature = "nats-nkeys")]
use crate::nats_keys::{Accounts, KeyPair, user_with_key};
use crate::support::attempt;

/// In each password, token and seed that a test is wrong about.
const SECRET: &str = "s3cret";

/// A stream is made and has a message.
async fn publishes(sink: Result<NatsSink, NatsError>) {
    let sink = sink.unwrap();
    sink.create_stream("orders", vec!["orders.>".into()]).await.unwrap();
    sink.publish(&envelope("orders.created", b"1".to_vec()), attempt()).await.unwrap();
}

/// The server is named and the secret is not.
#[track_caller]
fn is_refused(server: &Server, sink: Result<NatsSink, NatsError>) {
    let error = sink.err().expect("refused");
    assert!(matches!(error, NatsError::Connect { .. }), "{error:?}");
    let text = format!("{error} {error:?}");
    assert!(text.contains(&server.address()) && text.contains("authorization violation"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn a_token() {
    let Some(server) = Server::start_with(&["-js", "--auth", "right-s3cret"]).await else { return };
    let with = async |token: &str| {
        NatsSink::connect_with(&server.address(), NatsOptions::with_token(token.into())).await
    };
    publishes(with("right-s3cret").await).await;
    is_refused(&server, with("wrong-s3cret").await);
    is_refused(&server, NatsSink::connect(&server.address()).await);
}

#[tokio::test]
async fn a_user_and_a_password() {
    let options = ["-js", "--user", "anna", "--pass", "right-s3cret"];
    let Some(server) = Server::start_with(&options).await else { return };
    let with = async |user: &str, password: &str| {
        let options = NatsOptions::with_user_and_password(user.into(), password.into());
        NatsSink::connect_with(&server.address(), options).await
    };
    publishes(with("anna", "right-s3cret").await).await;
    is_refused(&server, with("anna", "wrong-s3cret").await);
    is_refused(&server, with("otto", "right-s3cret").await);
}

#[cfg(feature = "nats-nkeys")]
#[tokio::test]
async fn a_key() {
    let (folder, user) = (tempfile::tempdir().unwrap(), KeyPair::new_user());
    let config = folder.path().join("server.conf");
    fs::write(&config, user_with_key(&user)).unwrap();
    let Some(server) = Server::start_with(&["-js", "-c", config.to_str().unwrap()]).await else { return };
    let with = async |user: &KeyPair| {
        NatsSink::connect_with(&server.address(), NatsOptions::with_nkey(user.seed().unwrap())).await
    };
    publishes(with(&user).await).await;
    is_refused(&server, with(&KeyPair::new_user()).await);
}

#[cfg(feature = "nats-nkeys")]
#[tokio::test]
async fn a_file_of_credentials() {
    let (folder, accounts) = (tempfile::tempdir().unwrap(), Accounts::new());
    let [config, file] = ["server.conf", "relay.creds"].map(|name| folder.path().join(name));
    fs::write(&config, accounts.config()).unwrap();
    let Some(server) = Server::start_with(&["-js", "-c", config.to_str().unwrap()]).await else { return };
    let with = async |credentials: String| {
        fs::write(&file, credentials).unwrap();
        let options = NatsOptions::with_credentials_file(&file).await.unwrap();
        NatsSink::connect_with(&server.address(), options).await
    };
    publishes(with(accounts.credentials()).await).await;
    // Of an account that this server does not know.
    is_refused(&server, with(Accounts::new().credentials()).await);
}

/// With no more than the documentation asks for, and no less.
#[tokio::test]
async fn a_user_who_may_not_publish_everything() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("server.conf");
    let text = r#"
        authorization { users: [
            { user: admin, password: admin }
            { user: relay, password: relay, permissions: {
                publish: ["orders.>", elsewhere, "$JS.API.INFO", "$JS.API.STREAM.NAMES"], subscribe: "_INBOX.>"
            } }
        ] }
    "#;
    fs::write(&config, text).unwrap();
    let Some(server) = Server::start_with(&["-js", "-c", config.to_str().unwrap()]).await else { return };
    let with = async |who: &str| {
        let options = NatsOptions::with_user_and_password(who.into(), who.into());
        NatsSink::connect_with(&server.address(), options).await.unwrap()
    };
    let subjects = vec!["orders.>".into(), "payments.>".into()];
    with("admin").await.create_stream("all", subjects).await.unwrap();

    let sink = with("relay").await;
    sink.check_streams().await.unwrap();
    let publish = async |topic: &str| sink.publish(&envelope(topic, b"1".to_vec()), attempt()).await;
    let (denied, granted) = tokio::join!(publish("payments.made"), publish("orders.created"));
    let text = "the server does not let this user publish to payments.made";
    assert_eq!((denied, granted), (Err(SinkError::Retryable(text.into())), Ok(())));
    let no_stream = publish("elsewhere").await;
    assert!(
        matches!(&no_stream, Err(SinkError::Retryable(text)) if text.contains("no stream")),
        "{no_stream:?}"
    );
}

#[tokio::test]
async fn an_address_that_holds_a_secret_is_refused_and_not_repeated() {
    for secret in ["nats://anna:s3cret@h:1", "anna:s3cret@h", "tls://s3cret@h", "nats://:s3cret@h", "s3cret@"]
    {
        let error = NatsSink::connect(secret).await.err().expect(secret);
        let text = format!("{error} {error:?}");
        assert!(matches!(error, NatsError::Address { .. }) && !text.contains(SECRET), "{text}");
    }
    let error = NatsSink::connect("nats://anna:s3cret@h:1").await.err().expect("a password");
    assert!(error.to_string().ends_with("give them as NatsOptions"), "{error}");
    let error = NatsSink::connect("nats://h:many").await.err().expect("no port");
    assert!(error.to_string().ends_with("invalid port number"), "{error}");
}

#[tokio::test]
async fn a_server_is_named_by_its_host_and_port() {
    for (address, name) in [
        ("127.0.0.1:1", "nats://127.0.0.1:1"),
        ("[::1]:1", "nats://[::1]:1"),
        ("tls://127.0.0.1:1/s3cret?s3cret", "tls://127.0.0.1:1"),
    ] {
        let error = NatsSink::connect(address).await.err().expect("nobody listens");
        assert!(error.to_string().starts_with(&format!("{name}: ")), "{error}");
    }
}

#[tokio::test]
async fn what_the_relay_stores_of_a_lost_server_holds_no_secret() {
    let options = ["-js", "--user", "anna", "--pass", SECRET];
    let Some(mut server) = Server::start_with(&options).await else { return };
    let options = NatsOptions::with_user_and_password("anna".into(), SECRET.into());
    let sink = NatsSink::connect_with(&server.address(), options).await.unwrap();
    server.kill().await;
    let lost = sink.publish(&envelope("orders.created", b"1".to_vec()), attempt()).await;
    assert_eq!(lost, Err(SinkError::Unavailable(format!("nats://{}: not connected", server.address()))));
}
