//! [`Registration`]: a handler is known to its bus, until this is dropped.

use std::sync::Arc;

use crate::pipeline::pipeline::Pipeline;
use crate::shared::handlers::{Control, DeadLetters};
use crate::shared::shared::Shared;

/// A handler's entry in the table. Held by its workers; the last one takes it out.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) shared: Arc<Shared>,
    pub(crate) control: Arc<Control>,
    number: u64,
}

impl Registration {
    pub(crate) fn new(shared: Arc<Shared>, pipeline: Pipeline, dead_letters: DeadLetters) -> Self {
        let (number, control) = shared.handlers.add(pipeline, dead_letters);
        Self { shared, control, number }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.shared.handlers.remove(self.number);
        self.shared.close_dead_letters();
        self.shared.progress.ended();
    }
}
