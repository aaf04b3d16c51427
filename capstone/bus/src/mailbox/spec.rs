//! [`Spec`]: what a mailbox is to be.

use std::sync::Arc;

use crate::Pattern;
use crate::mailbox::overflow::Settings;

/// What a subscription asks for.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) settings: Settings,
}
