//! A gate: the test decides when a task continues, so that no test has to sleep and hope.

use std::sync::Arc;

use tokio::sync::watch;

/// A point that a task reaches, and where it waits until the gate is opened.
///
/// Clones are handles to the same gate. Once open it stays open, and later tasks pass without waiting.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let gate = shared::Gate::new();
/// let task = tokio::spawn({
///     let gate = gate.clone();
///     async move { gate.pass().await }
/// });
/// gate.reached().await; // the task stands at the gate
/// gate.open();
/// task.await.unwrap();
/// # }
/// ```
///
/// # Cancellation and drop
///
/// A task that is cancelled at the gate is still counted by [`Gate::reached`]. Dropping the test's
/// handle does *not* open the gate, because the waiting task holds a handle too. Open it, or the task waits
/// forever.
#[derive(Clone, Debug)]
pub struct Gate {
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// How many tasks have reached the gate, including those that are gone.
    arrived: usize,
    open: bool,
}

impl Gate {
    /// A closed gate that no task has reached.
    #[expect(clippy::new_without_default, reason = "a gate is created on purpose, not by default")]
    pub fn new() -> Self {
        Self { state: Arc::new(watch::Sender::new(State::default())) }
    }

    /// Reports that the calling task is here, and waits until the gate is open.
    pub async fn pass(&self) {
        self.state.send_modify(|state| state.arrived += 1);
        self.until(|state| state.open).await;
    }

    /// Waits until a task has reached the gate.
    pub async fn reached(&self) {
        self.reached_by(1).await;
    }

    /// Waits until `count` tasks have reached the gate.
    pub async fn reached_by(&self, count: usize) {
        self.until(|state| state.arrived >= count).await;
    }

    /// Lets all tasks pass, those that wait and those that come later.
    pub fn open(&self) {
        self.state.send_modify(|state| state.open = true);
    }

    async fn until(&self, holds: impl FnMut(&State) -> bool) {
        let mut state = self.state.subscribe();
        state.wait_for(holds).await.expect("the sender lives as long as this handle");
    }
}
