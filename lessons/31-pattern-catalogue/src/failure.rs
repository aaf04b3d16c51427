//! What to do about an error: try again, stop trying for a while, or put the message aside.

use std::collections::VecDeque;

use shared::Journal;
use tokio::time::{Instant, sleep};

use crate::work::{ask, ms};

// ANCHOR: retry
/// Busy twice, and then there: 20 and 40 ms are between the attempts.
pub async fn retry(journal: Journal) {
    three_attempts([Err("busy"), Err("busy"), Ok(())], &journal).await;
}

/// At most three attempts. An error that will not pass ends them at once.
pub async fn three_attempts(answers: [Result<(), &'static str>; 3], journal: &Journal) {
    let mut failures = 0;
    for answer in answers {
        match ask("broker", 30, answer, journal).await {
            Ok(()) => return journal.log("relay", "marks the event"),
            Err("busy") if failures < 2 => {
                failures += 1;
                sleep(ms(20 << (failures - 1))).await; // 20 x 2^(failures - 1)
            }
            Err(reason) => return journal.log("relay", format_args!("gives up: {reason}")),
        }
    }
}
// ANCHOR_END: retry

// ANCHOR: circuit-breaker
/// The broker is down for two calls, and back when the probe is due.
pub async fn circuit_breaker(journal: Journal) {
    six_calls([Err("down"), Err("down"), Ok(()), Ok(()), Ok(()), Ok(())], &journal).await;
}

/// Opens after two failures in a row: for 100 ms all calls fail at once, and then the next one is a probe.
pub async fn six_calls(answers: [Result<(), &'static str>; 6], journal: &Journal) {
    let (mut failures, mut open_until) = (0, Instant::now());
    for (call, answer) in (1..).zip(answers) {
        if Instant::now() < open_until {
            journal.log("relay", format_args!("refuses call {call}"));
        } else if ask("broker", 10, answer, journal).await.is_ok() {
            failures = 0;
        } else {
            failures += 1;
            if failures >= 2 {
                open_until = Instant::now() + ms(100);
                journal.log("relay", "opens the breaker");
            }
        }
        sleep(ms(35)).await;
    }
}
// ANCHOR_END: circuit-breaker

// ANCHOR: dead-letter
/// After three attempts an order is put aside, with the reason. The orders behind it go on.
pub async fn dead_letter(journal: Journal) {
    let no_address = Err("no address");
    let mut queue = VecDeque::from([("order 7", no_address, 1), ("order 8", Ok(()), 1)]);
    let mut dead_letters = Vec::new();
    while let Some((order, answer, attempt)) = queue.pop_front() {
        match ask(order, 20, answer, &journal).await {
            Ok(()) => journal.log("mail", format_args!("has sent {order}")),
            Err(_) if attempt < 3 => queue.push_back((order, answer, attempt + 1)),
            Err(reason) => dead_letters.push((order, reason)),
        }
    }
    journal.log("operator", format_args!("finds {dead_letters:?}"));
}
// ANCHOR_END: dead-letter
