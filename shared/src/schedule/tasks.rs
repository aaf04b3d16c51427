//! Tasks whose order is chosen: a small executor that runs inside of Tokio's and asks before each step which task goes on.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};

use tokio::task::yield_now;

use crate::budget;
use crate::choices::choose;

/// Tasks that run interleaved. A step of a task is one operation of Tokio (a send, a lock, a sleep) and the code up to the next
/// one; before each step it is chosen which of the tasks that are ready goes on. The first option is the task that ran last, and
/// then the one that has waited longest.
///
/// It polls the tasks by hand, with a budget of one operation: Tokio's own channels, locks and timers return `Pending` when the
/// budget of their task is used up, and wake it at once. So the code of a task is the one that is taught, and needs no mark.
///
/// What it does not try: a lock, a permit or a slot that is free is taken at the end of a step, so nobody comes between a line and a
/// `lock().await` behind it unless there is another await. What a task spawns with `tokio::spawn` runs as always, between two steps.
/// The clock advances when no task is ready.
#[must_use = "the tasks do nothing until `run` is awaited"]
#[derive(Default)]
pub struct Tasks<'a> {
    tasks: Vec<Task<'a>>,
}

struct Task<'a> {
    /// `None` when it has ended.
    future: Option<Pin<Box<dyn Future<Output = ()> + 'a>>>,
    waker: Waker,
}

impl<'a> Tasks<'a> {
    /// No task yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a task. It may borrow, because it ends with `run`.
    pub fn with(mut self, task: impl Future + 'a) -> Self {
        let future = Box::pin(async { drop(task.await) });
        self.tasks.push(Task { future: Some(future), waker: Waker::noop().clone() });
        self
    }

    /// Runs all tasks to their end.
    ///
    /// # Cancel safety
    /// Dropped, it drops the tasks where they are.
    pub async fn run(mut self) {
        yield_now().await; // the first step has the budget of a whole poll
        let ready = Arc::new(Ready::default());
        for (index, task) in self.tasks.iter_mut().enumerate() {
            task.waker = Waker::from(Arc::new(Wakes { index, ready: Arc::clone(&ready) }));
            task.waker.wake_by_ref();
        }
        Running { tasks: self.tasks, ready, last: 0 }.await;
    }
}

/// The tasks that can go on, those that have waited longest first.
#[derive(Default)]
struct Ready {
    state: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    indices: VecDeque<usize>,
    /// What wakes a task that has ended wakes nobody.
    ended: Vec<usize>,
    /// Wakes the task in which all of this runs.
    outer: Option<Waker>,
}

/// Wakes one task.
struct Wakes {
    index: usize,
    ready: Arc<Ready>,
}

struct Running<'a> {
    tasks: Vec<Task<'a>>,
    ready: Arc<Ready>,
    /// The task that ran last.
    last: usize,
}

impl Future for Running<'_> {
    type Output = ();

    /// One step of one task. Then Tokio has the thread: it wakes those who ran out of budget, runs what was spawned, and polls again.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(index) = self.ready.choose(self.last, cx.waker()) {
            self.last = index;
            budget::leave(1);
            if self.tasks[index].step().is_ready() {
                self.ready.end(index);
            }
            if self.ready.is_any() {
                cx.waker().wake_by_ref();
            }
        }
        let has_ended = self.tasks.iter().all(|task| task.future.is_none());
        if has_ended { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Task<'_> {
    fn step(&mut self) -> Poll<()> {
        let future = self.future.as_mut().expect("a task that has ended is not ready");
        let step = future.as_mut().poll(&mut Context::from_waker(&self.waker));
        if step.is_ready() {
            self.future = None;
        }
        step
    }
}

impl Ready {
    /// The index of the task that goes on, which is then no longer ready.
    fn choose(&self, last: usize, outer: &Waker) -> Option<usize> {
        let mut waiting = self.lock();
        waiting.outer = Some(outer.clone());
        if let Some(at) = waiting.indices.iter().position(|&index| index == last) {
            waiting.indices.remove(at);
            waiting.indices.push_front(last);
        }
        let at = choose(waiting.indices.len());
        waiting.indices.remove(at)
    }

    fn end(&self, index: usize) {
        let mut waiting = self.lock();
        waiting.indices.retain(|&other| other != index);
        waiting.ended.push(index);
    }

    fn is_any(&self) -> bool {
        !self.lock().indices.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        let mut waiting = self.ready.lock();
        if !waiting.indices.contains(&self.index) && !waiting.ended.contains(&self.index) {
            waiting.indices.push_back(self.index);
        }
        let outer = waiting.outer.clone();
        drop(waiting);
        if let Some(outer) = outer {
            outer.wake();
        }
    }
}
