//! [`lock_soon`]: a lock that is held for some twenty nanoseconds at a time.

use crate::base::sync::{Mutex, MutexGuard};

const UNPOISONED: &str = "nothing that can panic runs under this lock";

/// Locks, and does not sleep at once: two publishers that meet would spend a hundred times as long in the kernel as they have
/// to wait. Spins, then gives the turn of its thread away, and only then sleeps.
#[inline(always)]
pub(crate) fn lock_soon<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    #[cfg(not(loom))]
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(_taken) => lock_later(mutex),
    }
    // It explores each turn of a loop, and none of them is of interest.
    #[cfg(loom)]
    lock(mutex)
}

#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect(UNPOISONED)
}

#[cfg(not(loom))]
#[cold]
fn lock_later<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    /// Each twice as long as the one before, up to 128 hints.
    const SPINS: u32 = 7;
    const YIELDS: u32 = 90;
    for tried in 0..SPINS + YIELDS {
        for _ in 0..1 << tried.min(SPINS) {
            std::hint::spin_loop();
        }
        if tried >= SPINS {
            std::thread::yield_now();
        }
        if let Ok(guard) = mutex.try_lock() {
            return guard;
        }
    }
    lock(mutex)
}
