//! Three services that a shop asks. Each notes when it is asked, when it answers, and when nobody waits any more.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// A question that goes to a service, and what comes of it.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub name: &'static str,
    pub answers_after: Duration,
    pub answer: Result<u32, Refused>,
}

/// Why a service does not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// How many there are; answers after 200 ms.
pub const STOCK: Service = service("stock", 200, Ok(7));
/// What it costs, in cents; answers after 300 ms.
pub const PRICE: Service = service("price", 300, Ok(1250));
/// How many days it takes; answers after 100 ms.
pub const COURIER: Service = service("courier", 100, Ok(2));

const fn service(name: &'static str, ms: u64, answer: Result<u32, Refused>) -> Service {
    Service { name, answers_after: Duration::from_millis(ms), answer }
}

impl Service {
    /// The same, but it refuses.
    pub const fn refusing(self, reason: &'static str) -> Self {
        Self { answer: Err(Refused(reason)), ..self }
    }

    /// Asks for a product. Not more than a note remains of a question that is dropped.
    pub async fn ask(self, product: &str, journal: &Journal) -> Result<u32, Refused> {
        journal.log(self.name, format_args!("asked for the {product}"));
        let mut waiting = Waiting { service: self.name, journal, over: false };
        sleep(self.answers_after).await;
        waiting.over = true;
        match self.answer {
            Ok(number) => journal.log(self.name, format_args!("answers {number}")),
            Err(Refused(reason)) => journal.log(self.name, format_args!("refuses: {reason}")),
        }
        self.answer
    }
}

/// Notes when it is dropped before the wait is over: the future that holds it was dropped.
struct Waiting<'a> {
    service: &'static str,
    journal: &'a Journal,
    over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.journal.log(self.service, "question dropped");
        }
    }
}
