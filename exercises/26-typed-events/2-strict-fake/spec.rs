//! The tests of exercise 26.2. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::HOUR;
use tokio::time::{sleep, timeout};

use super::sut::{Billing, Declined, Gateway, check};

/// What `check` says about a handler. A day is enough for any check on the paused clock.
async fn checked(billing: impl Billing) -> Result<(), String> {
    let checking = timeout(24 * HOUR, check(&billing)).await;
    checking.expect("check did not return: after a day it still waits")
}

#[track_caller]
fn accepted(checked: Result<(), String>, which: &str) {
    assert_eq!(checked, Ok(()), "check refuses a right handler, which {which}");
}

#[track_caller]
fn refused(checked: Result<(), String>, which: &str) {
    assert!(checked.is_err(), "check accepts a handler that {which}");
}

/// A handler from a function of the gateway, the order and the cents.
macro_rules! billing {
    (|$gateway:ident, $order:ident, $cents:ident| $body:expr) => {{
        struct Handler;
        impl Billing for Handler {
            async fn handle(
                &self,
                $gateway: Arc<impl Gateway>,
                $order: u32,
                $cents: u64,
            ) -> Result<(), Declined> {
                $body
            }
        }
        Handler
    }};
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn right_handlers_are_accepted() {
    let plain = billing!(|gateway, order, cents| gateway.charge(order, cents).await);
    accepted(checked(plain).await, "charges the order and returns the answer");

    let slow = billing!(|gateway, order, cents| {
        sleep(ms(95_430)).await;
        gateway.charge(order, cents).await
    });
    accepted(checked(slow).await, "takes 95 s before it charges");

    let in_a_task = billing!(|gateway, order, cents| {
        let charging = tokio::spawn(async move { gateway.charge(order, cents).await });
        charging.await.expect("the gateway panicked: see the message above")
    });
    accepted(checked(in_a_task).await, "charges in a task, and waits for it");

    let patient = billing!(|gateway, order, cents| {
        timeout(ms(1500), gateway.charge(order, cents)).await.unwrap_or(Err(Declined))
    });
    accepted(checked(patient).await, "waits for the gateway for 1500 ms");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_charges_twice_is_refused() {
    let twice = billing!(|gateway, order, cents| {
        gateway.charge(order, cents).await?;
        gateway.charge(order, cents).await
    });
    refused(checked(twice).await, "charges twice");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_charges_nothing_is_refused() {
    refused(checked(billing!(|_gateway, _order, _cents| Ok(()))).await, "charges nothing");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_charges_the_wrong_order_or_amount_is_refused() {
    let dollars = billing!(|gateway, order, cents| gateway.charge(order, cents / 100).await);
    refused(checked(dollars).await, "charges dollars instead of cents");
    let next = billing!(|gateway, order, cents| gateway.charge(order + 1, cents).await);
    refused(checked(next).await, "charges the next order");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_repeats_a_slow_or_declined_charge_is_refused() {
    let impatient = billing!(|gateway, order, cents| {
        match timeout(ms(880), gateway.charge(order, cents)).await {
            Ok(answer) => answer,
            Err(_elapsed) => gateway.charge(order, cents).await,
        }
    });
    refused(checked(impatient).await, "charges again when there is no answer after 880 ms");
    let stubborn = billing!(|gateway, order, cents| {
        match gateway.charge(order, cents).await {
            Ok(()) => Ok(()),
            Err(Declined) => gateway.charge(order, cents).await,
        }
    });
    refused(checked(stubborn).await, "charges a card again that was declined");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_charges_again_later_is_refused() {
    let later = billing!(|gateway, order, cents| {
        let answer = gateway.charge(order, cents).await;
        tokio::spawn(async move {
            sleep(ms(370)).await;
            gateway.charge(order, cents).await
        });
        answer
    });
    refused(checked(later).await, "charges again 370 ms after it has returned");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_return_the_answer_is_refused() {
    let swallows = billing!(|gateway, order, cents| {
        gateway.charge(order, cents).await.ok();
        Ok(())
    });
    refused(checked(swallows).await, "returns Ok when the card was declined");
    let pessimist = billing!(|gateway, order, cents| {
        gateway.charge(order, cents).await.ok();
        Err(Declined)
    });
    refused(checked(pessimist).await, "returns Err when the card was charged");
    let gives_up = billing!(|gateway, order, cents| {
        timeout(ms(930), gateway.charge(order, cents)).await.unwrap_or(Err(Declined))
    });
    refused(checked(gives_up).await, "returns Err when there is no answer after 930 ms");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_returns_before_the_answer_is_refused() {
    let hopeful = billing!(|gateway, order, cents| {
        let charging = tokio::spawn(async move { gateway.charge(order, cents).await });
        timeout(ms(910), charging).await.map_or(Ok(()), |ended| ended.unwrap_or(Err(Declined)))
    });
    refused(checked(hopeful).await, "returns Ok when there is no answer after 910 ms");
    let forgets = billing!(|gateway, order, cents| {
        tokio::spawn(async move { gateway.charge(order, cents).await });
        Ok(())
    });
    refused(checked(forgets).await, "charges in a task, and does not wait for it");
}
