//! [`Registry`]: which handlers an event has. Calls nobody.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::chain::LinkId;
use super::slot::Slot;

/// The handlers of one type, by falling priority and then in order of registration.
pub(crate) type Slots = Arc<[Arc<Slot>]>;

/// Changed by copying: an emission takes the list as it is and holds no lock while handlers run, so that a handler may
/// register and cancel.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Of the standard library: held to look up or to replace a list, and never across an await.
    table: RwLock<HashMap<TypeId, Slots>>,
}

impl Registry {
    pub(crate) fn add(&self, event: TypeId, slot: Arc<Slot>) {
        let mut table = self.write();
        let old = table.get(&event).map_or(&[][..], |slots| slots);
        let at = old.partition_point(|other| other.spec.priority >= slot.spec.priority);
        let slots = old[..at].iter().cloned().chain([slot]).chain(old[at..].iter().cloned()).collect();
        let replaced = table.insert(event, slots);
        drop(table);
        drop(replaced);
    }

    pub(crate) fn remove(&self, event: TypeId, id: LinkId) {
        let mut table = self.write();
        let Some(old) = table.remove(&event) else { return };
        let slots: Slots = old.iter().filter(|slot| slot.id != id).cloned().collect();
        if !slots.is_empty() {
            table.insert(event, slots);
        }
        drop(table);
        // The handler, which is not our code, is dropped without a lock.
        drop(old);
    }

    pub(crate) fn of(&self, event: TypeId) -> Slots {
        self.read().get(&event).cloned().unwrap_or_default()
    }

    /// All handlers, in order of registration.
    pub(crate) fn all(&self) -> Vec<Arc<Slot>> {
        let mut all: Vec<_> = self.read().values().flat_map(|slots| slots.iter().cloned()).collect();
        all.sort_by_key(|slot| slot.id);
        all
    }

    /// Forgets all handlers, and with them whatever they hold.
    pub(crate) fn clear(&self) {
        let table = std::mem::take(&mut *self.write());
        drop(table);
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<TypeId, Slots>> {
        self.table.read().expect("nothing that can panic runs under this lock")
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<TypeId, Slots>> {
        self.table.write().expect("nothing that can panic runs under this lock")
    }
}
