//! TLS to a real server, whose certificate the test makes: who is trusted, and who is not.

use std::path::{Path, PathBuf};

use capstone_outbox::postgres::{PostgresStore, Target};
use capstone_outbox::store::StoreError;
use tempfile::TempDir;

use super::server::Server;
use crate::certificates::Authority;

/// A server that speaks TLS only, and a file with the certificate of who vouches for it.
fn encrypted() -> Option<(Server, TempDir, PathBuf)> {
    let server = Server::start()?;
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let (certificate, key) = authority.vouch("127.0.0.1");
    server.encrypt(&certificate, &key);
    let file = authority.write(folder.path(), "ca.pem");
    Some((server, folder, file))
}

fn address(server: &Server, parameters: &str) -> String {
    format!("{}?{parameters}", server.address("postgres"))
}

fn trusting(server: &Server, file: &Path) -> String {
    address(server, &format!("sslmode=verify-full&sslrootcert={}", file.display()))
}

async fn refused(address: &str) -> StoreError {
    let target = Target::parse(address).unwrap();
    target.client().await.expect_err("it is not let in, or does not go in")
}

#[tokio::test]
async fn a_store_works_over_tls_and_require_checks_too() {
    let Some((server, _folder, file)) = encrypted() else { return };
    let target = Target::parse(&trusting(&server, &file)).unwrap();
    assert!(target.migrate().await.unwrap());
    let store = PostgresStore::connect(&target).await.unwrap();
    assert_eq!(store.status().await.unwrap().pending, 0);
    let client = target.client().await.unwrap();
    let row =
        client.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await.unwrap();
    assert!(row.get::<_, bool>(0));

    let require = trusting(&server, &file).replace("verify-full", "require");
    Target::parse(&require).unwrap().client().await.unwrap();
    let other = Authority::new().write(file.parent().unwrap(), "other.pem");
    let error = refused(&trusting(&server, &other).replace("verify-full", "require")).await;
    assert!(error.to_string().contains("invalid peer certificate: "), "{error}");
}

#[tokio::test]
async fn who_is_not_trusted_is_not_talked_to_and_that_is_no_passing_trouble() {
    let Some((server, folder, file)) = encrypted() else { return };
    let other = Authority::new().write(folder.path(), "other.pem");
    let error = refused(&trusting(&server, &other)).await;
    assert!(matches!(error, StoreError::Unusable { .. }), "{error}");
    assert!(error.to_string().contains("invalid peer certificate: "), "{error}");
    // The same server by a name that its certificate does not have.
    let error = refused(&trusting(&server, &file).replace("127.0.0.1", "localhost")).await;
    assert!(matches!(error, StoreError::Unusable { .. }), "{error}");
    assert!(error.to_string().contains("not valid for name"), "{error}");
    // In the clear the server wants nobody.
    let error = refused(&address(&server, "sslmode=disable")).await;
    assert!(error.to_string().contains("no encryption"), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_asked_for() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = Authority::new().write(folder.path(), "ca.pem");
    let error = refused(&trusting(&server, &file)).await;
    assert!(error.to_string().contains("server does not support TLS"), "{error}");
}

#[test]
fn another_machine_is_reached_over_tls_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = Authority::new().write(folder.path(), "ca.pem");
    let remote = |parameters: &str| {
        Target::parse(&format!("postgres://u:s3cret@db.example/d?sslrootcert={}{parameters}", file.display()))
    };
    assert!(remote("").is_ok() && remote("&sslmode=require").is_ok());
    for mode in ["disable", "allow", "prefer", "verify-ca"] {
        let error = remote(&format!("&sslmode={mode}")).unwrap_err().to_string();
        assert!(error.contains("sslmode") && !error.contains("s3cret"), "{error}");
    }
    let missing = Target::parse("postgres://db.example/d?sslrootcert=missing.pem").unwrap_err().to_string();
    assert!(missing.contains("sslrootcert missing.pem: "), "{missing}");
    std::fs::write(&file, "no certificate").unwrap();
    let empty = remote("").unwrap_err().to_string();
    assert!(empty.contains("holds no certificate"), "{empty}");
}
