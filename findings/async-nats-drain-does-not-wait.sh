#!/usr/bin/env bash
# async-nats 0.51.0: `client.drain().await` completes before anything was drained. It only tells the client's own task, as `publish` does,
# and a process that ends then takes the published message along. Its documentation says that remaining messages are flushed; in
# other NATS clients a drain that has returned has done so. What waits is `flush`, or the event `Closed` behind the drain.
# The server is a thread that speaks just enough of the protocol, and counts.
#
# Output seen:
#   publish, drain, end of the runtime: 0 of 6 messages arrived
#   publish, flush, end of the runtime: 6 of 6 messages arrived
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo new --quiet --vcs none finding
cd finding
cargo add --quiet async-nats@=0.51.0 --no-default-features --features ring,server_2_10
cargo add --quiet tokio@=1.54.1 --features macros,rt
cat >src/main.rs <<'RUST'
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

/// Serves one client, and says how many messages it has published until it went.
fn served(listener: &TcpListener) -> usize {
    let (stream, _) = listener.accept().unwrap();
    let mut writer = stream.try_clone().unwrap();
    let port = listener.local_addr().unwrap().port();
    let info = r#"{"server_id":"S","server_name":"s","version":"2.11.0","proto":1,"go":"","host":"127.0.0.1","max_payload":1048576"#;
    write!(writer, "INFO {info},\"headers\":true,\"client_id\":1,\"port\":{port}}}\r\n").unwrap();
    let mut messages = 0;
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { break };
        messages += usize::from(line.starts_with("PUB "));
        if line.trim() == "PING" && writer.write_all(b"PONG\r\n").is_err() {
            break;
        }
    }
    messages
}

fn arrived(waits: bool) -> usize {
    let once = |_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || served(&listener));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = async_nats::connect(address).await.unwrap();
            client.publish("orders", "one".into()).await.unwrap();
            if waits { client.flush().await.unwrap() } else { client.drain().await.unwrap() }
        });
        // As a process that ends.
        drop(runtime);
        server.join().unwrap()
    };
    (0..6).map(once).sum()
}

fn main() {
    println!("publish, drain, end of the runtime: {} of 6 messages arrived", arrived(false));
    println!("publish, flush, end of the runtime: {} of 6 messages arrived", arrived(true));
}
RUST
expected='publish, drain, end of the runtime: 0 of 6 messages arrived
publish, flush, end of the runtime: 6 of 6 messages arrived'
seen=$(cargo run --quiet)
echo "$seen"
[ "$seen" = "$expected" ] || { echo "changed" >&2; exit 1; }
