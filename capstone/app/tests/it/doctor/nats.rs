//! `--sink nats://…`, on a server that wants a token.

use super::Examined;
use crate::nats::{Server, TOKEN, server};
use crate::support::{Place, command, ended_child, run};

async fn doctor(place: &Place, server: &Server, token: &str, options: &[&str]) -> Examined {
    let (db, sink) = (place.db(), format!("nats://{}", server.address));
    let mut doctor = command(&[&["doctor", "--json", "--db", &db, "--sink", &sink], options].concat());
    let ended = ended_child(doctor.env("CAPSTONE_TOKEN", token).spawn().unwrap()).await;
    assert!(!ended.stderr.contains(TOKEN) && !ended.stdout.contains(TOKEN), "{}", ended.stdout);
    Examined::of(&ended)
}

#[tokio::test]
async fn a_server_its_streams_and_the_relays_settings() {
    let place = Place::new();
    let Some(server) = server(&place).await else { return };
    run(&["migrate", "--db", &place.db()]).await.done();
    let refused = doctor(&place, &server, "wrong-s3cret", &[]).await;
    refused.says("NATS", "problem", &["authorization"]);
    let none = doctor(&place, &server, TOKEN, &[]).await;
    none.says("streams", "problem", &["--create-stream"]);
    assert_eq!((none.code, none.complaints()), (1, vec!["streams"]));

    let (db, sink) = (place.db(), format!("nats://{}", server.address));
    let create =
        ["relay", "--until-empty", "--db", &db, "--sink", &sink, "--create-stream", "orders=orders.>"];
    let relay = command(&create).env("CAPSTONE_TOKEN", TOKEN).spawn().unwrap();
    ended_child(relay).await.done();
    let fine = doctor(&place, &server, TOKEN, &[]).await;
    assert_eq!((fine.code, fine.complaints()), (0, vec![]));
    fine.says("streams", "ok", &["orders"]).says("sync", "ok", &["power cut"]);
    let settings = ["--set", "relay.publish_timeout=3m", "--set", "relay.lease_ttl=10m"];
    let slow = doctor(&place, &server, TOKEN, &settings).await;
    slow.says("duplicate window", "warning", &["orders", "780s"]);
    assert_eq!(slow.code, 0);
}
