//! Packs one order, then says so: a client in Rust, with async-nats.
//!
//! `cargo run -p capstone --example client`, beside `capstone serve`; then `capstone publish orders.created '{"order":1}'`.

use futures::StreamExt;

type Error = Box<dyn std::error::Error + Send + Sync>;

// ANCHOR: client
pub(crate) async fn pack_one(url: &str) -> Result<(), Error> {
    let client = async_nats::connect(url).await?;
    let mut orders = client.queue_subscribe("orders.*", "warehouse".into()).await?;
    client.flush().await?; // It is sent. That the server knows, only an answer would tell.
    println!("listening for orders");
    let order = orders.next().await.ok_or("the connection was closed")?;
    println!("{} {}", order.subject, String::from_utf8_lossy(&order.payload));
    client.publish("packed.rust", order.payload).await?;
    client.flush().await?; // `publish` only queues it, and the end of the process would drop it.
    Ok(())
}
// ANCHOR_END: client

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let url = std::env::var("NATS_URL");
    pack_one(url.as_deref().unwrap_or("nats://127.0.0.1:4222")).await
}
