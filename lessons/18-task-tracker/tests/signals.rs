//! A real signal, in a test program of its own: from here on SIGTERM does not end it.
#![cfg(unix)]

use std::process;
use std::time::Duration;

use lesson_18::signals::stop_at_signal;
use tokio::process::Command;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_sigterm_cancels_the_token_and_the_process_goes_on() {
    let stop = CancellationToken::new();
    let listening = stop_at_signal(stop.clone()).expect("a process may listen for SIGTERM");
    assert!(!stop.is_cancelled());
    let sent = Command::new("kill").args(["-TERM", &process::id().to_string()]).status().await;
    assert!(sent.expect("kill is there").success());
    timeout(Duration::from_secs(60), stop.cancelled()).await.expect("the signal has been sent");
    listening.await.expect("it ends with the first signal");
}
