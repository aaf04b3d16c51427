//! The gate: who waits, who walks through, what a cancelled task leaves.

use std::time::Duration;

use shared::{Gate, HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

fn at_the_gate(gate: &Gate, journal: &Journal) -> tokio::task::JoinHandle<()> {
    let (gate, journal) = (gate.clone(), journal.clone());
    tokio::spawn(async move {
        gate.pass().await;
        journal.log("task", "went on");
    })
}

#[tokio::test(start_paused = true)]
async fn a_task_waits_until_the_gate_is_open() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let task = at_the_gate(&gate, &journal);
    timeout(HOUR, gate.reached()).await.expect("the task arrives");
    sleep(Duration::from_millis(5)).await;
    journal.log("test", "opens");
    gate.open();
    timeout(HOUR, task).await.expect("the task goes on").unwrap();
    assert_journal!(journal, [(5, "test", "opens"), (5, "task", "went on")]);
}

#[tokio::test(start_paused = true)]
async fn an_open_gate_stays_open() {
    let (gate, journal) = (Gate::new(), Journal::new());
    gate.open();
    timeout(HOUR, at_the_gate(&gate, &journal)).await.expect("it walks through").unwrap();
    timeout(HOUR, at_the_gate(&gate, &journal)).await.expect("so does the next").unwrap();
    timeout(HOUR, gate.reached_by(2)).await.expect("both were counted");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_task_has_arrived_nevertheless() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let task = at_the_gate(&gate, &journal);
    gate.reached().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    timeout(HOUR, gate.reached()).await.expect("it was counted");
    assert_journal!(journal, []);
}
