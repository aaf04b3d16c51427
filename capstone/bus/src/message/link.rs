//! [`Link`]: the way back from a message to who published it.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// All copies of a message share it, and it ends with the last of them. What it leads to is for those to know who
/// publish, and who respond.
#[derive(Clone, Default)]
pub(crate) struct Link(Option<Arc<dyn Any + Send + Sync>>);

impl Link {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn new(to: impl Any + Send + Sync) -> Self {
        Self(Some(Arc::new(to)))
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// What it leads to.
    pub(crate) fn to<T: 'static>(&self) -> Option<&T> {
        self.0.as_ref()?.downcast_ref()
    }
}

/// Messages are equal when what was published is.
impl PartialEq for Link {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Link {}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_none() { "none" } else { "Link" })
    }
}
