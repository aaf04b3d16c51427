//! Behind something that gives each transaction another session, as PgBouncer in transaction mode does.

use std::sync::Arc;

use capstone_outbox::doctor::Level;
use capstone_outbox::postgres::{PostgresStore, Target, enqueue_many};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use super::{connect, migrated};
use crate::support::message;

/// Type and body of the next message.
async fn next(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await.ok()?;
    let mut body = vec![0; stream.read_u32().await.ok()? as usize - 4];
    stream.read_exact(&mut body).await.ok()?;
    Some((kind, body))
}

fn bytes((kind, body): &(u8, Vec<u8>)) -> Vec<u8> {
    [&[*kind], &(body.len() as u32 + 4).to_be_bytes()[..], body].concat()
}

/// A pooler with one session, which knows nothing of what clients ask for when they begin. By the address of the database
/// behind it.
async fn pooler(address: &str) -> String {
    let (place, database) = address.strip_prefix("postgres://postgres@").unwrap().split_once('/').unwrap();
    let mut server = TcpStream::connect(place).await.unwrap();
    let hello = format!("user\0postgres\0database\0{database}\0\0");
    let hello =
        [&(hello.len() as u32 + 8).to_be_bytes()[..], &196_608_u32.to_be_bytes(), hello.as_bytes()].concat();
    server.write_all(&hello).await.unwrap();
    while next(&mut server).await.unwrap().0 != b'Z' {}
    let (server, listener) = (Arc::new(Mutex::new(server)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let pooled = format!("postgres://postgres@{}/{database}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, Arc::clone(&server)));
        }
    });
    pooled
}

/// Lends the session from the first statement of a transaction to its end.
async fn serve(mut client: TcpStream, server: Arc<Mutex<TcpStream>>) -> Option<()> {
    let mut hello = vec![0; client.read_u32().await.ok()? as usize - 4];
    client.read_exact(&mut hello).await.ok()?;
    client.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").await.ok()?;
    let mut lent = None;
    let mut batch = Vec::new();
    loop {
        let message = next(&mut client).await?;
        batch.extend(bytes(&message));
        if !b"QS".contains(&message.0) {
            continue;
        }
        let mut session = match lent.take() {
            Some(session) => session,
            None => Arc::clone(&server).lock_owned().await,
        };
        session.write_all(&std::mem::take(&mut batch)).await.ok()?;
        let mut answer = next(&mut session).await?;
        while answer.0 != b'Z' {
            client.write_all(&bytes(&answer)).await.ok()?;
            answer = next(&mut session).await?;
        }
        client.write_all(&bytes(&answer)).await.ok()?;
        lent = (answer.1 != b"I").then_some(session);
    }
}

#[tokio::test]
async fn a_relay_is_refused_by_name_and_an_application_is_not() {
    let Some(address) = migrated().await else { return };
    let pooled = pooler(&address).await;
    let error =
        PostgresStore::connect(&Target::parse(&pooled).unwrap()).await.err().expect("it is no session");
    assert!(
        error.to_string().contains(": a pooler answers that gives each transaction another session"),
        "{error}"
    );

    let findings = Target::parse(&pooled).unwrap().examine().await;
    let session = findings.iter().find(|finding| finding.check == "session").expect("it is looked at");
    assert_eq!(session.level, Level::Problem, "{findings:?}");

    let mut client = connect(&pooled).await;
    for n in 0..3 {
        let tx = client.transaction().await.unwrap();
        enqueue_many(&tx, &[message("k", &n.to_string()), message("", "no key")]).await.unwrap();
        tx.commit().await.unwrap();
    }
    let direct = connect(&address).await;
    assert_eq!(direct.query_one("SELECT count(*) FROM outbox", &[]).await.unwrap().get::<_, i64>(0), 6);
}

#[tokio::test]
async fn one_that_takes_no_settings_is_named_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut hello = vec![0; client.read_u32().await.unwrap() as usize - 4];
        client.read_exact(&mut hello).await.unwrap();
        let said = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0".to_vec();
        client.write_all(&bytes(&(b'E', said))).await.unwrap();
    });
    let target = Target::parse(&format!("postgres://postgres@{place}/shop")).unwrap();
    let error = PostgresStore::connect(&target).await.err().expect("it says no").to_string();
    assert!(error.contains("options (08P01): a pooler answers, which does not pass on"), "{error}");
}
