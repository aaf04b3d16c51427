//! [`Children`]: what stands below the nodes of a trie, by token.
//!
//! # Why not a hash map alone?
//!
//! Most nodes have one child, and the smallest map has room for four: a hundred thousand subscriptions would be three
//! parts air. Up to eight tokens are compared as fast as one is hashed.

use std::collections::HashMap;

/// From here on a map.
const FEW: usize = 8;

#[derive(Debug)]
pub(crate) enum Children<T> {
    Few(Vec<(Box<str>, T)>),
    Many(HashMap<Box<str>, T>),
}

impl<T: Default> Children<T> {
    /// The child of this token; made when there is none.
    pub(crate) fn entry(&mut self, token: &str) -> &mut T {
        if self.get(token).is_none() {
            self.insert(token.into(), T::default());
        }
        self.get_mut(token).expect("it was there, or was just inserted")
    }
}

impl<T> Children<T> {
    fn insert(&mut self, token: Box<str>, child: T) {
        match self {
            Self::Few(few) if few.len() < FEW => {
                few.reserve_exact(1);
                few.push((token, child));
            }
            Self::Few(few) => *self = Self::Many(few.drain(..).chain([(token, child)]).collect()),
            Self::Many(many) => drop(many.insert(token, child)),
        }
    }

    pub(crate) fn get(&self, token: &str) -> Option<&T> {
        match self {
            Self::Few(few) => few.iter().find(|(name, _)| **name == *token).map(|(_, child)| child),
            Self::Many(many) => many.get(token),
        }
    }

    pub(crate) fn get_mut(&mut self, token: &str) -> Option<&mut T> {
        match self {
            Self::Few(few) => few.iter_mut().find(|(name, _)| **name == *token).map(|(_, child)| child),
            Self::Many(many) => many.get_mut(token),
        }
    }

    /// Gives memory back too: halving keeps the cost per removal constant.
    pub(crate) fn remove(&mut self, token: &str) -> Option<T> {
        match self {
            Self::Few(few) => {
                let at = few.iter().position(|(name, _)| **name == *token)?;
                let (_, child) = few.remove(at);
                few.shrink_to_fit();
                Some(child)
            }
            Self::Many(many) => {
                let child = many.remove(token)?;
                if many.len() <= FEW / 2 {
                    *self = Self::Few(many.drain().collect());
                } else if many.capacity() > 4 * many.len() {
                    many.shrink_to(2 * many.len());
                }
                Some(child)
            }
        }
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        let (few, many) = match self {
            Self::Few(few) => (Some(few), None),
            Self::Many(many) => (None, Some(many)),
        };
        let few = few.into_iter().flatten().map(|(_, child)| child);
        few.chain(many.into_iter().flat_map(HashMap::values))
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = T> {
        let (few, many) = match self {
            Self::Few(few) => (Some(few), None),
            Self::Many(many) => (None, Some(many)),
        };
        let few = few.into_iter().flatten().map(|(_, child)| child);
        few.chain(many.into_iter().flat_map(HashMap::into_values))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Many(many) => many.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(few) if few.is_empty())
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        match self {
            Self::Few(few) => few.capacity(),
            Self::Many(many) => many.capacity(),
        }
    }
}

impl<T> Default for Children<T> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}
