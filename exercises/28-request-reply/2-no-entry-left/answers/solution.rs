//! Exercise 28.2: many requests over one connection, and a table of those that wait for an answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{mpsc, oneshot};

/// A request as the connection sends it: its id, and the article.
pub type Request = (u64, String);

/// The requests that wait for an answer, by their ids. Clones are handles to the same table.
#[derive(Clone, Default)]
pub struct Waiting {
    table: Arc<Mutex<Table>>,
}

#[derive(Default)]
struct Table {
    last_id: u64,
    answers: HashMap<u64, oneshot::Sender<u32>>,
}

impl Waiting {
    /// Adds an entry with a new id.
    fn add(&self, answer: oneshot::Sender<u32>) -> u64 {
        let mut table = self.table();
        table.last_id += 1;
        let id = table.last_id;
        table.answers.insert(id, answer);
        id
    }

    /// Removes an entry, if it is still there.
    fn remove(&self, id: u64) -> Option<oneshot::Sender<u32>> {
        self.table().answers.remove(&id)
    }

    /// The connection has read an answer. Returns `false` if nobody waits for it any more.
    pub fn deliver(&self, id: u64, dollars: u32) -> bool {
        self.remove(id).is_some_and(|answer| answer.send(dollars).is_ok())
    }

    /// The connection has ended: nobody will get an answer.
    pub fn end(&self) {
        let ended = std::mem::take(&mut self.table().answers);
        drop(ended);
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.table().answers.len()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().expect("nothing that can panic runs under this lock")
    }
}

//~ begin
/// An entry of the table. Dropping it removes the entry, if it is still there.
struct Entry<'a> {
    waiting: &'a Waiting,
    id: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.waiting.remove(self.id);
    }
}
//~ starter
//~| // TODO: what runs when a future is dropped? You may add a type here.
//~ end

/// Asks for the price of an article. Returns `None` when the connection has ended.
pub async fn price(article: &str, connection: &mpsc::Sender<Request>, waiting: &Waiting) -> Option<u32> {
    //~ begin
    let (answer, answered) = oneshot::channel();
    let entry = Entry { waiting, id: waiting.add(answer) };
    connection.send((entry.id, article.to_owned())).await.ok()?;
    answered.await.ok()
    //~ starter
    //~| let (answer, answered) = oneshot::channel();
    //~| let id = waiting.add(answer);
    //~| connection.send((id, article.to_owned())).await.ok()?;
    //~| let dollars = answered.await.ok();
    //~| // TODO: on which ways out of this function is the entry not removed?
    //~| waiting.remove(id);
    //~| dollars
    //~ end
}
