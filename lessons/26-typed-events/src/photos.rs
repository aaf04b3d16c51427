//! A computation inside a handler: on a thread of its own, because handlers of one event share their thread.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::bus::{Event, Handler};
use crate::report::Handled;

/// A photo has been uploaded.
pub struct PhotoUploaded {
    pub pixels: Vec<u8>,
}

impl Event for PhotoUploaded {}

/// The computation goes on when the emission is dropped: a blocking call that has begun cannot be stopped.
// ANCHOR: thumbnail
pub fn thumbnail(
    scale: impl Fn(&PhotoUploaded) + Clone + Send + Sync + 'static,
) -> impl Handler<PhotoUploaded, Handled> {
    move |photo: Arc<PhotoUploaded>| {
        let scale = scale.clone();
        async move { Ok(spawn_blocking(move || scale(&photo)).await?) }
    }
}
// ANCHOR_END: thumbnail
