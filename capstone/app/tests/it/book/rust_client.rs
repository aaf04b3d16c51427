//! The client in Rust, in this process: the others are programs of a session.

use tokio::process::Command;

use crate::network::{Running, serve, subscribe};

#[path = "../../../examples/clients/client.rs"]
#[expect(dead_code, reason = "its `main` is for whoever runs it alone")]
mod client;

#[tokio::test]
async fn a_client_in_rust_packs_an_order() {
    let (server, address) = serve(&[], None).await;
    let packed: Running = subscribe(&address, &["packed.*", "--count", "1"]).await;
    let url = address.clone();
    let client = tokio::spawn(async move { client::pack_one(&url).await });
    // The first may be there before it has subscribed.
    while !client.is_finished() {
        let mut publish = Command::new(env!("CARGO_BIN_EXE_capstone"));
        publish.args(["publish", "--server", &address, "orders.created", r#"{"order":1}"#]);
        assert!(publish.status().await.unwrap().success());
    }
    client.await.unwrap().unwrap();
    assert_eq!(packed.ended().await.done().stdout, "packed.rust\t{\"order\":1}\n");
    server.terminated().await.done();
}
