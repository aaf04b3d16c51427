//! What a listener awaits, dropped at each of its polls.

use capstone_bus::Bus;
use capstone_bus::wire::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::support::NEVER;
use crate::support::drop_at;

#[tokio::test]
async fn bind_dropped_at_each_of_its_polls_leaves_nothing_open() {
    for polls in 0.. {
        let bus = Bus::new();
        let mut subscription = bus.subscribe(">").expect("a pattern");
        let bound = drop_at(polls, Listener::builder(&bus).bind("127.0.0.1:0")).await;
        drop(bus);
        let Some(bound) = bound else {
            assert!(subscription.recv().await.is_none(), "poll {polls}: nobody holds the bus any more");
            continue;
        };
        let listener = bound.expect("a free port");
        assert!(subscription.try_recv().is_err_and(|error| error.to_string() == "no message is queued"));
        drop(listener);
        assert!(subscription.recv().await.is_none());
        break;
    }
}

#[tokio::test]
async fn run_dropped_at_each_of_its_polls_closes_the_port_and_every_connection() {
    for polls in 0.. {
        let bus = Bus::new();
        let listener = Listener::builder(&bus).bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        // Says that it is time to stop when it has had its answer, and then waits for its end.
        let client = tokio::spawn(async move {
            let mut socket = TcpStream::connect(address).await?;
            socket.write_all(b"CONNECT {\"verbose\":true}\r\n").await?;
            let mut heard = Vec::new();
            while !heard.ends_with(b"+OK\r\n") && socket.read_buf(&mut heard).await? > 0 {}
            drop(stop);
            socket.read_to_end(&mut heard).await
        });
        let report = drop_at(polls, listener.run(async { drop(stopped.await) })).await;
        // Whether it had an answer or was cut off is a question of time; here it is that there is an end.
        let _ended = timeout(NEVER, client).await.expect("its connection ends").expect("no panic");
        TcpStream::connect(address).await.expect_err("nobody listens");
        if let Some(report) = report {
            assert_eq!((report.drained, report.cut_off), (1, 0));
            break;
        }
    }
}
