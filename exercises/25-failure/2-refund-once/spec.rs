//! The tests of exercise 25.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::sut::{Bank, BankError, RequestId, refund};

use Fate::*;

/// What becomes of an attempt, and after how many milliseconds.
#[derive(Clone, Copy)]
enum Fate {
    Refunds(u64),
    Busy(u64),
    NoSuchPayment(u64),
    /// Refunds, and then the connection breaks.
    RefundsAndBreaks(u64),
    /// The connection breaks at once, and nothing is refunded.
    Breaks(u64),
}

/// A bank with a fate for each attempt. It logs the requests that it receives, numbered in the order in which it first saw them.
fn bank(fates: &'static [Fate], journal: &Journal) -> Bank {
    let (tx, mut requests) = mpsc::channel::<(RequestId, u32, _)>(8);
    let journal = journal.clone();
    tokio::spawn(async move {
        let mut seen: Vec<RequestId> = Vec::new();
        let mut fates = fates.iter();
        while let Some((id, payment, answer)) = requests.recv().await {
            let known = seen.iter().position(|other| *other == id);
            let number = known.unwrap_or(seen.len()) + 1;
            if known.is_none() {
                seen.push(id);
            }
            journal.log("bank", format_args!("receives request {number}: refund payment {payment}"));
            let fate = *fates.next().unwrap_or(&Busy(10));
            tokio::spawn(work(fate, number, answer, journal.clone()));
        }
    });
    Bank::new(tx)
}

async fn work(fate: Fate, number: usize, answer: oneshot::Sender<Result<(), BankError>>, journal: Journal) {
    let (Refunds(ms) | Busy(ms) | NoSuchPayment(ms) | RefundsAndBreaks(ms) | Breaks(ms)) = fate;
    sleep(Duration::from_millis(ms)).await;
    if let Refunds(_) | RefundsAndBreaks(_) = fate {
        let already =
            journal.entries().iter().any(|entry| entry.what == format!("carries out request {number}"));
        let what = if already { "knows that it has carried out" } else { "carries out" };
        journal.log("bank", format_args!("{what} request {number}"));
    }
    let result = match fate {
        Refunds(_) => Ok(()),
        Busy(_) => Err(BankError::Busy),
        NoSuchPayment(_) => Err(BankError::NoSuchPayment),
        RefundsAndBreaks(_) | Breaks(_) => return,
    };
    let _ = answer.send(result); // fails when the shop has stopped waiting
}

/// Refunds a payment, logs what the shop is told, and then waits for what the bank still does.
async fn refunded(payment: u32, bank: &Bank, journal: &Journal) {
    match timeout(HOUR, refund(bank, payment)).await {
        Ok(told) => journal.log("shop", format_args!("is told {told:?}")),
        Err(_) => journal.log("test", "gave up: refund has not returned within an hour"),
    }
    sleep(Duration::from_secs(5)).await;
}

async fn played(fates: &'static [Fate]) -> Journal {
    let journal = Journal::new();
    refunded(42, &bank(fates, &journal), &journal).await;
    journal
}

#[tokio::test(start_paused = true)]
async fn a_slow_bank_refunds_once() {
    assert_journal!(
        played(&[Refunds(310), Refunds(45)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (310, "bank", "carries out request 1"),
            (350, "bank", "receives request 1: refund payment 42"),
            (395, "bank", "knows that it has carried out request 1"),
            (395, "shop", "is told Ok(())"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_busy_bank_is_asked_again_after_100_and_200_ms() {
    assert_journal!(
        played(&[Busy(37), Busy(141), Refunds(63)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (137, "bank", "receives request 1: refund payment 42"),
            (478, "bank", "receives request 1: refund payment 42"),
            (541, "bank", "carries out request 1"),
            (541, "shop", "is told Ok(())"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_does_not_exist_is_given_up_at_once() {
    assert_journal!(
        played(&[NoSuchPayment(29), Refunds(10)]).await,
        [(0, "bank", "receives request 1: refund payment 42"), (29, "shop", "is told Err(NotRefunded)"),]
    );
    assert_journal!(
        played(&[Busy(13), NoSuchPayment(71), Refunds(10)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (113, "bank", "receives request 1: refund payment 42"),
            (184, "shop", "is told Err(NotRefunded)"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn after_three_refusals_nothing_is_refunded() {
    assert_journal!(
        played(&[Busy(51), Busy(22), Busy(90), Refunds(10)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (151, "bank", "receives request 1: refund payment 42"),
            (373, "bank", "receives request 1: refund payment 42"),
            (463, "shop", "is told Err(NotRefunded)"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_without_an_answer_leaves_it_unknown_whatever_comes_after() {
    assert_journal!(
        played(&[Refunds(640), Busy(17), Busy(33), Refunds(10)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (350, "bank", "receives request 1: refund payment 42"),
            (567, "bank", "receives request 1: refund payment 42"),
            (600, "shop", "is told Err(Unknown)"),
            (640, "bank", "carries out request 1"), // the first attempt, after all
        ]
    );
    assert_journal!(
        played(&[Refunds(480), NoSuchPayment(25)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (350, "bank", "receives request 1: refund payment 42"),
            (375, "shop", "is told Err(Unknown)"),
            (480, "bank", "carries out request 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_is_no_answer() {
    assert_journal!(
        played(&[Busy(43), RefundsAndBreaks(81), Busy(19)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (143, "bank", "receives request 1: refund payment 42"),
            (224, "bank", "carries out request 1"),
            (424, "bank", "receives request 1: refund payment 42"),
            (443, "shop", "is told Err(Unknown)"),
        ]
    );
    assert_journal!(
        played(&[Breaks(15), Refunds(120)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (115, "bank", "receives request 1: refund payment 42"),
            (235, "bank", "carries out request 1"),
            (235, "shop", "is told Ok(())"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_may_be_the_one_without_an_answer() {
    assert_journal!(
        played(&[Busy(61), Busy(12), Refunds(700), Refunds(10)]).await,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (161, "bank", "receives request 1: refund payment 42"),
            (373, "bank", "receives request 1: refund payment 42"),
            (623, "shop", "is told Err(Unknown)"),
            (1073, "bank", "carries out request 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn two_refunds_are_two_requests() {
    let journal = Journal::new();
    let bank = bank(&[Busy(20), Busy(50), Refunds(30), Refunds(30)], &journal);
    let second = async {
        sleep(Duration::from_millis(5)).await;
        refunded(17, &bank, &journal).await;
    };
    tokio::join!(refunded(42, &bank, &journal), second);
    assert_journal!(
        journal,
        [
            (0, "bank", "receives request 1: refund payment 42"),
            (5, "bank", "receives request 2: refund payment 17"),
            (120, "bank", "receives request 1: refund payment 42"),
            (150, "bank", "carries out request 1"),
            (150, "shop", "is told Ok(())"),
            (155, "bank", "receives request 2: refund payment 17"),
            (185, "bank", "carries out request 2"),
            (185, "shop", "is told Ok(())"),
        ]
    );
}
