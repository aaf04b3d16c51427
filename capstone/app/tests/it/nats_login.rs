//! Who `capstone relay` and `capstone doctor` say that they are to a nats-server, and that they tell nobody else.

use std::fs;

use crate::nats::{Server, TOKEN, server_with};
use crate::nats_keys::{Accounts, KeyPair, user_with_key};
use crate::support::{Ended, Place, command, ended_child};

const MESSAGE: &str = "{\"topic\":\"orders.created\",\"payload\":1}\n";

/// Runs a command with everything logged; no secret of these tests is in what it says.
async fn capstone(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = command(arguments);
    command.env("CAPSTONE_LOG", "trace").envs(environment.iter().copied());
    let ended = ended_child(command.spawn().unwrap()).await;
    assert!(!ended.stderr.contains(TOKEN) && !ended.stdout.contains(TOKEN), "{}", ended.stderr);
    ended
}

/// Carries one message to a stream that it makes, and examines the server.
async fn works(place: &Place, server: &Server, options: &[&str], environment: &[(&str, &str)]) {
    place.enqueue(MESSAGE).await.done();
    let (db, sink) = (place.db(), format!("nats://{}", server.address));
    let relay =
        ["relay", "--until-empty", "--create-stream", "orders=orders.>", "--db", &db, "--sink", &sink];
    let relay = capstone(&[&relay, options].concat(), environment).await.done();
    assert!(relay.stderr.contains("relayed 1\n"), "{}", relay.stderr);
    capstone(&[&["doctor", "--db", &db, "--sink", &sink], options].concat(), environment).await.done();
}

/// Fails with these words in its last line, and the message stays.
async fn fails(place: &Place, server: &Server, options: &[&str], environment: &[(&str, &str)], words: &str) {
    place.enqueue(MESSAGE).await.done();
    let (db, sink) = (place.db(), format!("nats://{}", server.address));
    let relay = ["relay", "--until-empty", "--db", &db, "--sink", &sink];
    let relay = capstone(&[&relay, options].concat(), environment).await;
    let last = relay.stderr.lines().last().unwrap();
    assert!(relay.code == 1 && last.contains(words), "{words:?} is missing: {}", relay.stderr);
    assert!(place.pending().await > 0);
}

#[tokio::test]
async fn a_user_and_a_password_come_from_the_environment_or_the_file() {
    let place = Place::new();
    let Some(server) = server_with(&place, &["--user", "anna", "--pass", TOKEN]).await else { return };
    let [user, password] = [("CAPSTONE_NATS_USER", "anna"), ("CAPSTONE_NATS_PASSWORD", TOKEN)];
    works(&place, &server, &[], &[user, password]).await;
    let file = place.path("settings.toml");
    fs::write(&file, format!("[nats]\nuser = \"anna\"\npassword = \"{TOKEN}\"\n")).unwrap();
    works(&place, &server, &["--config", file.to_str().unwrap()], &[]).await;

    fails(&place, &server, &[], &[], "authorization violation").await;
    fails(
        &place,
        &server,
        &[],
        &[user, ("CAPSTONE_NATS_PASSWORD", "wrong-s3cret")],
        "authorization violation",
    )
    .await;
    fails(&place, &server, &[], &[user], "nats.user and nats.password: give both, or none").await;
    fails(&place, &server, &[], &[password], "nats.user and nats.password: give both, or none").await;
}

#[tokio::test]
async fn a_key_comes_from_a_file() {
    let (place, user) = (Place::new(), KeyPair::new_user());
    let config = place.path("server.conf");
    fs::write(&config, user_with_key(&user)).unwrap();
    let Some(server) = server_with(&place, &["-c", config.to_str().unwrap()]).await else { return };
    let (file, seed) = (place.path("relay.nk"), user.seed().unwrap());
    let setting = format!("nats.nkey_file={}", file.display());
    for text in [format!("{seed}\n"), format!("-----BEGIN USER NKEY SEED-----\n{seed}\n------END------\n")] {
        fs::write(&file, text).unwrap();
        works(&place, &server, &["--set", &setting], &[]).await;
    }
    fs::write(&file, KeyPair::new_user().seed().unwrap()).unwrap();
    fails(&place, &server, &["--set", &setting], &[], "authorization violation").await;
    fs::write(&file, user.public_key()).unwrap();
    fails(&place, &server, &["--set", &setting], &[], "relay.nk: no line of it is the seed of a user").await;
    fs::remove_file(&file).unwrap();
    fails(&place, &server, &["--set", &setting], &[], "relay.nk: No such file").await;
}

#[tokio::test]
async fn credentials_come_from_a_file() {
    let (place, accounts) = (Place::new(), Accounts::new());
    let config = place.path("server.conf");
    fs::write(&config, accounts.config()).unwrap();
    let Some(server) = server_with(&place, &["-c", config.to_str().unwrap()]).await else { return };
    let file = place.path("relay.creds");
    fs::write(&file, accounts.credentials()).unwrap();
    let path = file.to_str().unwrap();
    works(&place, &server, &["--nats-creds", path], &[]).await;
    works(&place, &server, &[], &[("CAPSTONE_NATS_CREDENTIALS", path)]).await;
    // The token that is for others as well is not sent then, and not even looked at.
    works(&place, &server, &["--nats-creds", path], &[("CAPSTONE_TOKEN", "")]).await;
    let settings = place.path("settings.toml");
    fs::write(&settings, format!("[nats]\ncredentials = \"{path}\"\n")).unwrap();
    works(&place, &server, &["--config", settings.to_str().unwrap()], &[]).await;

    let both = [("CAPSTONE_NATS_USER", "anna"), ("CAPSTONE_NATS_PASSWORD", TOKEN)];
    fails(&place, &server, &["--nats-creds", path], &both, "nats.credentials and nats.user: give only one")
        .await;
    fs::write(&file, TOKEN).unwrap();
    fails(&place, &server, &["--nats-creds", path], &[], "relay.creds: cannot parse user JWT").await;
    fs::write(&file, accounts.credentials().replace("\nSU", &format!("\n{TOKEN}"))).unwrap();
    fails(&place, &server, &["--nats-creds", path], &[], "nats.credentials: ").await;
}
