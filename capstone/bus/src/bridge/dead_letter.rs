//! What handlers of events, and feeds, have failed on is published as dead letters.

use crate::Message;
use crate::bus::WeakBus;
use crate::events::HandlerError;
use crate::mailbox::offer::Patience;
use crate::pipeline::dead_letter::{FailedBy, letter};
use crate::pipeline::failure::Failure;
use crate::router::outlet::Origin;

/// Publishes the dead letter of the message. It is put away when at least one subscription has it.
pub(crate) async fn put_away(
    bus: &WeakBus,
    message: &Message,
    by: FailedBy<'_>,
    failure: &Failure,
) -> Result<(), HandlerError> {
    let Some(letter) = letter(message, by, failure) else {
        return Err(format!("{} is a dead letter already", message.topic).into());
    };
    let bus = bus.upgrade().ok_or("the bus is gone")?;
    let shared = bus.shared();
    let enqueued = match shared.offer_own(letter, Patience::Wait, Origin::LOCAL) {
        Ok(offered) => offered.settle().await.enqueued,
        Err(_refused) => 0,
    };
    if enqueued == 0 {
        shared.dead_letters_lost.add_one();
        return Err(format!("nobody took the dead letter of {}", message.topic).into());
    }
    shared.dead_letters.add_one();
    Ok(())
}
