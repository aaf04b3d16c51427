//! What a handler of topics has failed on for good is published, and counted.

use crate::base::counter::Counter;
use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::offer::Patience;
use crate::pipeline::dead_letter::{FailedBy, letter};
use crate::pipeline::failure::Failure;
use crate::router::outlet::Origin;
use crate::shared::handlers::{Control, Stop, Stopping};
use crate::shared::shared::Shared;
use crate::{Message, PublishError};

impl Shared {
    /// Publishes the dead letter of a message that this mailbox had, and counts it. A handler that is to be cut off
    /// waits for no place.
    pub(crate) async fn dead_letter(
        &self,
        (message, from): (&Message, &Mailbox),
        failure: &Failure,
        (control, stopping): (&Control, &mut Stopping),
    ) {
        let (name, group) = (from.name.as_deref(), from.group.as_deref());
        let failed_by = FailedBy { name, pattern: Some(&from.pattern), group };
        let Some(letter) = letter(message, failed_by, failure) else { return };
        let arrived = match self.offer_own(letter, Patience::Wait, Origin::LOCAL) {
            Ok(offered) => {
                let somewhere = offered.is_enqueued();
                // Cancel safe: what is dropped is a wait for a place, and that is what an abort is to end.
                tokio::select! {
                    biased;
                    () = stopping.told(Stop::Abort) => somewhere,
                    receipt = offered.settle() => receipt.enqueued > 0,
                }
            }
            Err(PublishError::Closed(_)) => false,
            Err(error) => unreachable!("the bus may publish to its own topics: {error}"),
        };
        let counts = &control.pipeline.counts;
        let counters = if arrived {
            [&counts.dead_letters, &self.dead_letters]
        } else {
            [&counts.dead_letters_lost, &self.dead_letters_lost]
        };
        counters.into_iter().for_each(Counter::add_one);
    }
}
