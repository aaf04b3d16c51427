//! A consumer that gets a message twice acts on it once.

use std::time::Duration;

use capstone_outbox::MessageId;
use capstone_outbox::postgres::{Inbox, Once};
use tokio_postgres::IsolationLevel;

use super::{connect, database};
use crate::support::cancel_at;

#[tokio::test]
async fn each_consumer_sees_for_itself_and_what_is_old_is_forgotten_in_steps() {
    let Some(address) = database().await else { return };
    let mut client = connect(&address).await;
    Inbox::create(&client).await.unwrap();
    Inbox::create(&client).await.unwrap();
    let ids: Vec<MessageId> = (0..5).map(|_| MessageId::generate()).collect();
    let tx = client.transaction().await.unwrap();
    for consumer in ["billing", "shipping"] {
        assert_eq!(Inbox::once(&tx, consumer, ids[0]).await.unwrap(), Once::First);
        assert_eq!(
            Inbox::once(&tx, consumer, ids[0]).await.unwrap(),
            Once::Repeat,
            "in the same transaction"
        );
    }
    for &id in &ids[1..] {
        Inbox::once(&tx, "billing", id).await.unwrap();
    }
    tx.commit().await.unwrap();
    let age = "UPDATE outbox_inbox SET seen_at = seen_at - interval '1 minute' WHERE consumer = 'billing'";
    client.batch_execute(age).await.unwrap();
    let half = Duration::from_secs(30);
    assert_eq!(Inbox::forget(&client, half, 3).await.unwrap(), 3);
    assert_eq!(Inbox::forget(&client, half, 3).await.unwrap(), 2);
    let tx = client.transaction().await.unwrap();
    assert_eq!(Inbox::once(&tx, "shipping", ids[0]).await.unwrap(), Once::Repeat);
    assert_eq!(Inbox::once(&tx, "billing", ids[0]).await.unwrap(), Once::First);
}

#[tokio::test]
async fn of_two_transactions_the_second_waits_and_is_first_only_if_the_first_is_undone() {
    let Some(address) = database().await else { return };
    let (mut one, mut two) = (connect(&address).await, connect(&address).await);
    Inbox::create(&one).await.unwrap();
    for (is_undone, expected) in [(true, Once::First), (false, Once::Repeat)] {
        let id = MessageId::generate();
        let first = one.transaction().await.unwrap();
        assert_eq!(Inbox::once(&first, "billing", id).await.unwrap(), Once::First);
        let second = two.transaction().await.unwrap();
        let end = async { if is_undone { first.rollback().await } else { first.commit().await } };
        let (outcome, ended) = tokio::join!(Inbox::once(&second, "billing", id), end);
        ended.unwrap();
        assert_eq!(outcome.unwrap(), expected);
        second.commit().await.unwrap();
    }
}

#[tokio::test]
async fn one_that_reads_an_older_state_is_told_to_begin_again() {
    let Some(address) = database().await else { return };
    let (mut one, mut two) = (connect(&address).await, connect(&address).await);
    Inbox::create(&one).await.unwrap();
    for isolation in [IsolationLevel::RepeatableRead, IsolationLevel::Serializable] {
        let id = MessageId::generate();
        let tx = two.build_transaction().isolation_level(isolation).start().await.unwrap();
        tx.batch_execute("SELECT FROM outbox_inbox").await.unwrap();
        let first = one.transaction().await.unwrap();
        assert_eq!(Inbox::once(&first, "billing", id).await.unwrap(), Once::First);
        first.commit().await.unwrap();
        let error = Inbox::once(&tx, "billing", id).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert!(
            error.to_string().starts_with(&format!("cannot note that message {id} has been seen: ")),
            "{error}"
        );
        tx.rollback().await.unwrap();
        let tx = two.build_transaction().isolation_level(isolation).start().await.unwrap();
        assert_eq!(Inbox::once(&tx, "billing", id).await.unwrap(), Once::Repeat);
        tx.rollback().await.unwrap();
    }
    let tx = two.transaction().await.unwrap();
    tx.batch_execute("DROP TABLE outbox_inbox").await.unwrap();
    assert!(!Inbox::once(&tx, "billing", MessageId::generate()).await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn a_call_that_is_dropped_at_any_poll_is_undone_with_its_transaction() {
    let Some(address) = database().await else { return };
    let id = MessageId::generate();
    for polls in 1.. {
        let mut client = connect(&address).await;
        drop(cancel_at(polls, Inbox::create(&client)).await);
        Inbox::create(&client).await.unwrap();
        let tx = client.transaction().await.unwrap();
        let seen = cancel_at(polls, Inbox::once(&tx, "billing", id)).await;
        tx.rollback().await.unwrap();
        let forgotten = cancel_at(polls, Inbox::forget(&client, Duration::ZERO, 1)).await;
        let tx = client.transaction().await.unwrap();
        assert_eq!(Inbox::once(&tx, "billing", id).await.unwrap(), Once::First);
        tx.rollback().await.unwrap();
        if seen.is_some() && forgotten.is_some() {
            return;
        }
    }
}
