//! Catches the panics in its own task: nothing is spawned.
use std::panic::AssertUnwindSafe;

use futures::FutureExt;

let publishing = events.into_iter().map(|event| {
    AssertUnwindSafe(broker.clone().publish(event)).catch_unwind().map(|ended| match ended {
        Ok(Ok(())) => Outcome::Published,
        Ok(Err(reason)) => Outcome::Refused(reason),
        Err(_panic) => Outcome::Crashed,
    })
});
futures::future::join_all(publishing).await
