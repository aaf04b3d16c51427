//! [`Shared`]: what the handles to the same handlers share.

use std::sync::RwLock;

use super::event::AnyEvent;
use super::registry::Registry;
use super::tasks::Tasks;
use super::{Call, HandlerError, Next};
use crate::base::clock::Clock;
use crate::pipeline::middleware::Layers;

const UNPOISONED: &str = "nothing that can panic runs under this lock";

/// See the module.
pub(crate) struct Shared {
    pub(crate) registry: Registry,
    /// Around every call of every handler. Replaced as a whole, and cloned by emissions. Of the standard library: never held
    /// across an await.
    layers: RwLock<Layers<AnyEvent>>,
    pub(crate) tasks: Tasks,
    pub(crate) clock: Clock,
}

impl Shared {
    pub(crate) fn new(forgotten_max: usize, clock: Clock) -> Self {
        Self {
            registry: Registry::default(),
            layers: RwLock::default(),
            tasks: Tasks::new(forgotten_max),
            clock,
        }
    }

    pub(crate) fn layers(&self) -> Layers<AnyEvent> {
        self.layers.read().expect(UNPOISONED).clone()
    }

    pub(crate) fn wrap<F, Fut>(&self, layer: F)
    where
        F: Fn(Call, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let mut layers = self.layers.write().expect(UNPOISONED);
        *layers = layers.with(layer);
    }
}
