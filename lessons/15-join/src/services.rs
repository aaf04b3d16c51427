//! Three services that a shop asks. Each logs when it is asked, when it answers, and when its question is dropped.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// A service, with its answer and how long it takes.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub name: &'static str,
    pub answers_after: Duration,
    pub answer: Result<u32, Refused>,
}

/// Why a service refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// How many are in stock; answers after 200 ms.
pub const STOCK: Service = service("stock", 200, Ok(7));
/// The price in cents; answers after 300 ms.
pub const PRICE: Service = service("price", 300, Ok(1250));
/// The days until delivery; answers after 100 ms.
pub const COURIER: Service = service("courier", 100, Ok(2));

const fn service(name: &'static str, ms: u64, answer: Result<u32, Refused>) -> Service {
    Service { name, answers_after: Duration::from_millis(ms), answer }
}

impl Service {
    /// The same service, but it refuses.
    pub const fn refusing(self, reason: &'static str) -> Self {
        Self { answer: Err(Refused(reason)), ..self }
    }

    /// Asks about a product. If the question is dropped before the answer, only the journal shows it.
    pub async fn ask(self, product: &str, journal: &Journal) -> Result<u32, Refused> {
        journal.log(self.name, format_args!("asked for the {product}"));
        let mut waiting = Waiting { service: self.name, journal, done: false };
        sleep(self.answers_after).await;
        waiting.done = true;
        match self.answer {
            Ok(number) => journal.log(self.name, format_args!("answers {number}")),
            Err(Refused(reason)) => journal.log(self.name, format_args!("refuses: {reason}")),
        }
        self.answer
    }
}

/// Logs when it is dropped before the answer has arrived: the future that holds it was dropped.
struct Waiting<'a> {
    service: &'static str,
    journal: &'a Journal,
    done: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.journal.log(self.service, "question dropped");
        }
    }
}
