//! What every store does for an operator, said once and run against each.

use std::sync::Arc;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::message::Ident;
use capstone_outbox::operations::{
    Answer, Command, Filter, Operations, Page, Pause, Recorded, Requeued, Sort, Verb,
};
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::{Change, Changes, DueKey, Fenced, Hold, Owner};
use capstone_outbox::{Message, Relay, RelayConfig, Seq, SinkError};

use crate::owned::{Owned, Subject, hold, on_each_store, seqs_behind};
use crate::support::{Scripted, message, ms, numbered, row};

on_each_store!(
    dead_letters_are_listed_by_page_and_found_by_field,
    requeued_dead_letters_wait_again_with_new_numbers_and_their_ids,
    discarded_dead_letters_are_gone,
    keys_in_trouble_are_listed,
    a_command_is_told_to_the_owner_until_it_is_answered,
    a_command_is_for_a_key_in_trouble_and_one_at_a_time,
    a_command_takes_away_what_it_says,
    a_command_is_refused_once_the_head_is_another_one,
    a_stale_lease_answers_nothing,
    whoever_pauses_first_has_paused,
    a_relay_retries_skips_and_discards,
    a_paused_relay_publishes_nothing,
);

const ALL: Filter = Filter::ALL;
const OLDEST: Page = Page::first(Sort::Oldest, 100);

fn of_key(key: &str) -> Filter {
    Filter::ALL.key(key)
}

fn key(name: &str) -> Ident {
    Ident::Key(name.into())
}

/// Buries the rows with these numbers.
async fn bury(store: &impl Subject, rows: &[i64]) -> Owned {
    let owned = Owned::all(store, "a").await;
    for row in rows {
        let id = owned.rows(store, 0).await.iter().find(|found| found.seq == Seq(*row)).unwrap().row();
        let change = Change::Bury { row: id, attempts: 10, error: format!("no {row}") };
        owned.settle(store, *row, vec![change]).await;
    }
    owned
}

async fn dead(store: &impl Operations, filter: &Filter, page: Page) -> Vec<i64> {
    let letters = store.dead_letters(filter, page).await.unwrap();
    letters.iter().map(|letter| letter.envelope.seq.0).collect()
}

async fn dead_letters_are_listed_by_page_and_found_by_field<S: Subject + Operations>(store: S) {
    let messages: Vec<Message> = ["a", "b", "a", ""].map(|key| message(key, key)).into();
    let id = messages[1].id();
    store.put(messages).await;
    bury(&store, &[1, 2, 3, 4]).await;
    assert_eq!(dead(&store, &ALL, OLDEST).await, [1, 2, 3, 4]);
    assert_eq!(dead(&store, &ALL, Page::first(Sort::Oldest, 2).behind(Seq(1))).await, [2, 3]);
    let newest = Page::first(Sort::Newest, 100);
    assert_eq!(dead(&store, &ALL, newest.behind(Seq(4))).await, [3, 2, 1]);
    assert_eq!(dead(&store, &of_key("a"), newest).await, [3, 1]);
    let topic = |topic: &str| Filter::ALL.topic(topic);
    assert_eq!(dead(&store, &topic("orders.created"), OLDEST).await.len(), 4);
    assert_eq!(dead(&store, &topic("orders.*"), OLDEST).await, [0; 0], "to the letter");
    let letters = store.dead_letters(&Filter::ALL.id(id), OLDEST).await.unwrap();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((letter.envelope.id, letter.attempts, letter.error.as_str()), (id, 10, "no 2"));
    assert_eq!((&letter.envelope.payload[..], letter.envelope.key.as_deref()), (&b"b"[..], Some("b")));
    assert!(letter.dead_for_ms <= letter.age_ms && letter.age_ms < 60_000);
}

async fn requeued_dead_letters_wait_again_with_new_numbers_and_their_ids<S: Subject + Operations>(store: S) {
    let messages: Vec<Message> = ["1", "2", "3"].map(|n| message(if n == "2" { "b" } else { "a" }, n)).into();
    let ids: Vec<_> = messages.iter().map(Message::id).collect();
    store.put(messages).await;
    let owned = bury(&store, &[1, 2, 3]).await;
    assert_eq!(store.requeue(&of_key("c")).await.unwrap(), Requeued::default());
    let requeued = store.requeue(&of_key("a")).await.unwrap();
    assert_eq!((requeued.count, requeued.pending), (2, vec![]));
    assert_eq!(dead(&store, &ALL, OLDEST).await, [2]);
    let rows = owned.rows(&store, 3).await;
    let found: Vec<_> = rows.iter().map(|row| (row.id, &row.payload[..], row.key.as_deref())).collect();
    assert_eq!(found, [(ids[0], &b"1"[..], Some("a")), (ids[2], &b"3"[..], Some("a"))]);
    assert!(rows.iter().all(|row| row.seq > Seq(3)));
    assert_eq!(store.requeue(&Filter::ALL.id(ids[1])).await.unwrap().count, 1);
    assert_eq!(store.requeue(&ALL).await.unwrap(), Requeued::default());
}

async fn discarded_dead_letters_are_gone<S: Subject + Operations>(store: S) {
    store.put(["a", "b", "a", ""].map(|key| message(key, key)).into()).await;
    bury(&store, &[1, 2, 3, 4]).await;
    assert_eq!(store.discard(&of_key("c")).await.unwrap(), 0);
    assert_eq!(store.discard(&of_key("a")).await.unwrap(), 2);
    assert_eq!(dead(&store, &ALL, OLDEST).await, [2, 4]);
    assert_eq!(store.discard(&ALL).await.unwrap(), 2);
}

async fn keys_in_trouble_are_listed<S: Subject + Operations>(store: S) {
    store.put(numbered([("b", "1"), ("a", "2"), ("a", "3"), ("", "4")].map(|(k, n)| message(k, n)))).await;
    let owned = Owned::all(&store, "a").await;
    for (ident, row, rows, until) in [
        (key("b"), 1, &[1][..], Hold::RetryIn(ms(60_000))),
        (Ident::Row(Seq(4)), 4, &[4], Hold::Parked),
        (key("a"), 2, &[2, 3], Hold::Parked),
    ] {
        let lane = owned.rows(&store, row - 1).await[0].lane;
        owned.settle(&store, row, vec![hold(lane, &ident, row, rows, until)]).await;
    }
    let troubled = store.troubled(None, 100).await.unwrap();
    let idents: Vec<_> = troubled.iter().map(|key| (key.ident.clone(), key.head.0, key.held)).collect();
    assert_eq!(idents, [(key("a"), 2, 2), (key("b"), 1, 1), (Ident::Row(Seq(4)), 4, 1)]);
    let (a, b) = (&troubled[0], &troubled[1]);
    assert_eq!((a.retry_in_ms, a.attempts, a.error.as_str(), a.command), (None, 3, "no", None));
    assert!(b.retry_in_ms.is_some_and(|ms| ms > 50_000 && ms <= 60_000) && b.since_ms < 60_000);
    let next = store.troubled(Some(&key("a")), 1).await.unwrap();
    assert_eq!(next.iter().map(|key| &key.ident).collect::<Vec<_>>(), [&b.ident]);
    assert_eq!(store.troubled(Some(&Ident::Row(Seq(4))), 9).await.unwrap(), []);
    store.command(&key("b"), Verb::Skip, "anna").await.unwrap();
    assert_eq!(store.troubled(None, 100).await.unwrap()[1].command, Some(Verb::Skip));
}

/// A key "k" with the rows 1 to 3, parked with the first.
async fn parked(store: &impl Subject) -> Owned {
    store.put(numbered(["1", "2", "3"].map(|n| message("k", n)))).await;
    let owned = Owned::all(store, "a").await;
    let lane = owned.rows(store, 0).await[0].lane;
    owned.settle(store, 1, vec![hold(lane, &key("k"), 1, &[1, 2], Hold::Parked)]).await;
    owned
}

async fn a_command_is_told_to_the_owner_until_it_is_answered<S: Subject + Operations>(store: S) {
    let owned = parked(&store).await;
    let owner = Owner::new("a");
    assert_eq!(store.renew(&owner, ms(8_000)).await.unwrap().commands, []);
    let Recorded::Waits(id) = store.command(&key("k"), Verb::Clear, "anna").await.unwrap() else {
        panic!("k is in trouble")
    };
    let told = store.renew(&owner, ms(8_000)).await.unwrap().commands;
    assert_eq!(told.len(), 1);
    let command = &told[0];
    assert_eq!((command.id, &command.ident, command.verb), (id, &key("k"), Verb::Clear));
    assert_eq!((command.head, command.upto, command.error.as_str()), (Seq(1), Seq(3), "no"));
    assert!(owned.leases.iter().any(|lease| lease.lane == command.lane));
    assert_eq!(store.answer(id).await.unwrap(), None);

    owned.settle(&store, 3, vec![Change::Execute(command.clone())]).await;
    assert_eq!(store.renew(&owner, ms(8_000)).await.unwrap().commands, []);
    assert_eq!(store.answer(id).await.unwrap(), Some(Answer::Done));
    owned.again(&store, command.clone()).await;
    assert_eq!(store.answer(id).await.unwrap(), Some(Answer::Done), "the first answer counts");
}

impl Owned {
    /// Executes a command of a lane in which nothing waits any more.
    async fn again(&self, store: &impl Subject, command: Command) {
        let lease = *self.leases.iter().find(|lease| lease.lane == command.lane).unwrap();
        let fenced = vec![Fenced { lease, change: Change::Execute(command) }];
        store.settle(&Changes { published: vec![], fenced }).await.unwrap();
    }

    /// Records a command and executes it.
    async fn executed<S: Subject + Operations>(&self, store: &S, ident: &Ident, verb: Verb) -> Answer {
        let Recorded::Waits(id) = store.command(ident, verb, "anna").await.unwrap() else {
            panic!("{ident} is in trouble")
        };
        let told = store.renew(&Owner::new("a"), ms(8_000)).await.unwrap().commands;
        self.again(store, told.into_iter().find(|command| command.id == id).unwrap()).await;
        store.answer(id).await.unwrap().expect("it is answered")
    }
}

async fn a_command_is_for_a_key_in_trouble_and_one_at_a_time<S: Subject + Operations>(store: S) {
    let owned = parked(&store).await;
    assert_eq!(store.command(&key("other"), Verb::Retry, "anna").await.unwrap(), Recorded::NoTrouble);
    let first = store.command(&key("k"), Verb::Retry, "anna").await.unwrap();
    assert_eq!(store.command(&key("k"), Verb::Retry, "bert").await.unwrap(), first);
    assert_eq!(store.command(&key("k"), Verb::Skip, "bert").await.unwrap(), Recorded::Behind(Verb::Retry));
    assert_eq!(owned.executed(&store, &key("k"), Verb::Retry).await, Answer::Done);
    let second = store.command(&key("k"), Verb::Skip, "bert").await.unwrap();
    let (Recorded::Waits(first), Recorded::Waits(second)) = (first, second) else {
        panic!("k is in trouble")
    };
    assert!(second > first);
}

async fn a_command_takes_away_what_it_says<S: Subject + Operations>(store: S) {
    let messages = [("k", "1"), ("o", "2"), ("k", "3"), ("k", "4"), ("", "5"), ("k", "6")];
    store.put(numbered(messages.map(|(k, n)| message(k, n)))).await;
    let owned = Owned::all(&store, "a").await;
    let lanes: Vec<_> = owned.rows(&store, 0).await.iter().map(|row| row.lane).collect();
    owned.settle(&store, 5, vec![hold(lanes[4], &Ident::Row(Seq(5)), 5, &[5], Hold::Parked)]).await;
    owned.settle(&store, 1, vec![hold(lanes[0], &key("k"), 1, &[1, 3, 4], Hold::Parked)]).await;
    let due = async || {
        let keys = owned.due(&store).await.keys;
        let rows = |key: &DueKey| key.rows.iter().map(|row| row.seq.0).collect();
        keys.iter()
            .map(|key| (key.held.head.seq.0, key.held.attempts, rows(key)))
            .collect::<Vec<(i64, u32, Vec<i64>)>>()
    };
    assert_eq!(owned.executed(&store, &key("k"), Verb::Retry).await, Answer::Done);
    assert_eq!(due().await, [(1, 0, vec![1, 3, 4])], "at once, with all its attempts");
    assert_eq!(owned.executed(&store, &key("k"), Verb::Skip).await, Answer::Done);
    assert_eq!((store.dead().await, due().await), (1, vec![(3, 0, vec![3, 4])]));
    assert_eq!(owned.executed(&store, &key("k"), Verb::Discard).await, Answer::Done);
    assert_eq!((store.dead().await, due().await), (1, vec![(4, 0, vec![4])]));

    // Recorded when row 6 was there, held or not.
    let Recorded::Waits(clear) = store.command(&key("k"), Verb::Clear, "anna").await.unwrap() else {
        panic!("k is in trouble")
    };
    store.put(vec![message("k", "7")]).await;
    let told = store.renew(&Owner::new("a"), ms(8_000)).await.unwrap().commands;
    owned.again(&store, told[0].clone()).await;
    assert_eq!(store.answer(clear).await.unwrap(), Some(Answer::Done));
    assert_eq!(owned.payloads(&store, 0).await, ["2", "7"]);
    assert_eq!(store.command(&key("k"), Verb::Clear, "anna").await.unwrap(), Recorded::NoTrouble);
    assert_eq!(owned.executed(&store, &Ident::Row(Seq(5)), Verb::Discard).await, Answer::Done);
    assert_eq!(store.troubled(None, 9).await.unwrap(), []);
}

/// Nobody skips a message that he has not seen.
async fn a_command_is_refused_once_the_head_is_another_one<S: Subject + Operations>(store: S) {
    let owned = parked(&store).await;
    store.command(&key("k"), Verb::Skip, "anna").await.unwrap();
    let skip = store.renew(&Owner::new("a"), ms(8_000)).await.unwrap().commands.remove(0);
    store.settle(&Changes { published: vec![row(1)], ..Changes::default() }).await.unwrap();
    owned.again(&store, skip.clone()).await;
    let refused = store.answer(skip.id).await.unwrap();
    assert_eq!(refused, Some(Answer::Refused("row 1 is not the head of key \"k\" any more".into())));

    store.command(&key("k"), Verb::Retry, "anna").await.unwrap();
    let retry = store.renew(&Owner::new("a"), ms(8_000)).await.unwrap().commands.remove(0);
    store.settle(&Changes { published: vec![row(2)], ..Changes::default() }).await.unwrap();
    let lease = *owned.leases.iter().find(|lease| lease.lane == retry.lane).unwrap();
    let over = vec![Fenced { lease, change: Change::Continue(key("k")) }];
    store.settle(&Changes { published: vec![], fenced: over }).await.unwrap();
    owned.again(&store, retry.clone()).await;
    let refused = store.answer(retry.id).await.unwrap();
    assert_eq!(refused, Some(Answer::Refused("key \"k\" is not in trouble any more".into())));
}

async fn a_stale_lease_answers_nothing<S: Subject + Operations>(store: S) {
    let stale = parked(&store).await;
    let Recorded::Waits(id) = store.command(&key("k"), Verb::Clear, "anna").await.unwrap() else {
        panic!("k is in trouble")
    };
    let clear = store.renew(&Owner::new("a"), ms(8_000)).await.unwrap().commands.remove(0);
    let changes = stale.fenced(&store, 3, vec![Change::Execute(clear)]).await;
    store.release(&stale.leases).await.unwrap();
    assert_eq!(store.settle(&changes).await.unwrap().lost.len(), 1);
    assert_eq!(store.answer(id).await.unwrap(), None);
    let current = Owned::all(&store, "b").await;
    assert_eq!(seqs_behind(&current, &store).await, [3]);
    assert_eq!(
        store.renew(&Owner::new("b"), ms(8_000)).await.unwrap().commands.len(),
        1,
        "told to the next owner"
    );
}

async fn whoever_pauses_first_has_paused<S: Subject + Operations>(store: S) {
    let owner = Owner::new("a");
    assert_eq!(store.resume().await.unwrap(), None);
    assert!(!store.renew(&owner, ms(8_000)).await.unwrap().is_paused);
    for by in ["anna", "bert"] {
        let Pause { by, for_ms, .. } = store.pause(by).await.unwrap();
        assert!(by == "anna" && for_ms < 60_000);
    }
    assert!(store.renew(&owner, ms(8_000)).await.unwrap().is_paused);
    assert_eq!(store.resume().await.unwrap().map(|pause| pause.by), Some("anna".into()));
    assert!(!store.renew(&owner, ms(8_000)).await.unwrap().is_paused);
}

/// Waits for an answer as long as it takes: the test's own time limit is the runner's.
async fn done(store: &impl Operations, name: &str, verb: Verb) {
    let Recorded::Waits(id) = store.command(&key(name), verb, "anna").await.unwrap() else {
        panic!("{name} is in trouble")
    };
    loop {
        match store.answer(id).await.unwrap() {
            Some(answer) => return assert_eq!(answer, Answer::Done),
            None => tokio::time::sleep(ms(5)).await,
        }
    }
}

async fn a_relay_retries_skips_and_discards<S: Subject + Operations>(store: S) {
    let keys = ["retry", "skip", "discard", "clear"];
    store.put(keys.iter().flat_map(|key| [message(key, "bad"), message(key, key)]).collect()).await;
    let (store, is_healed) = (Arc::new(store), Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let healed = Arc::clone(&is_healed);
    let sink = Scripted::new(move |message, _| {
        let is_bad = &message.payload[..] == b"bad" && !healed.load(std::sync::atomic::Ordering::SeqCst);
        (ms(0), if is_bad { Err(SinkError::Permanent("no".into())) } else { Ok(()) })
    });
    let config = RelayConfig::default().lease_renew(ms(20));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), config).unwrap();
    let operator = async {
        while store.troubled(None, 9).await.unwrap().len() < 4 {
            tokio::time::sleep(ms(5)).await;
        }
        is_healed.store(true, std::sync::atomic::Ordering::SeqCst);
        done(&*store, "skip", Verb::Skip).await;
        done(&*store, "discard", Verb::Discard).await;
        done(&*store, "clear", Verb::Clear).await;
        done(&*store, "retry", Verb::Retry).await;
        while !store.troubled(None, 9).await.unwrap().is_empty() {
            tokio::time::sleep(ms(5)).await;
        }
    };
    relay.run(operator).await.unwrap();
    let mut taken: Vec<String> =
        sink.story().iter().filter(|line| line.ends_with(" ok")).map(|line| line[5..].to_owned()).collect();
    assert!(
        taken.iter().position(|line| line == "bad ok") < taken.iter().position(|line| line == "retry ok")
    );
    taken.sort();
    assert_eq!(taken, ["bad ok", "discard ok", "retry ok", "skip ok"]);
    let letters = store.dead_letters(&ALL, OLDEST).await.unwrap();
    let letters: Vec<_> =
        letters.iter().map(|dead| (dead.envelope.key.as_deref(), dead.error.as_str())).collect();
    assert_eq!(letters, [(Some("skip"), "skipped by an operator; before that: no")]);
}

async fn a_paused_relay_publishes_nothing<S: Subject + Operations>(store: S) {
    store.put(vec![message("k", "1")]).await;
    store.pause("anna").await.unwrap();
    let store = Arc::new(store);
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let config = RelayConfig::default().lease_renew(ms(20));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), config).unwrap();
    let progress = relay.progress();
    let operator = async {
        // It has its lanes and has read the row: whatever it does without being told, it has done.
        tokio::time::sleep(ms(200)).await;
        assert_eq!(progress.published(), 0);
        store.resume().await.unwrap();
        while progress.published() == 0 {
            tokio::time::sleep(ms(5)).await;
        }
    };
    assert_eq!(relay.run(operator).await.unwrap().published, 1);
}
