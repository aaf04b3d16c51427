//! What PostgreSQL said went wrong, in words, and by what the caller can do about it.

use std::error::Error as _;

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::address::Address;
use crate::store::StoreError;

/// Classes of SQLSTATE that time or another attempt heals: connection, rollback, resources, operator, system; and a
/// primary that has become a replica, a lock that somebody holds.
const PASSING: [&str; 7] = ["08", "40", "53", "57", "58", "25006", "55P03"];

/// Why a session cannot be a relay's, and what to do.
pub(super) const POOLER: &str =
    "a pooler answers that gives each transaction another session, and a relay's lock lives with its session";
pub(super) const NO_POOLER: &str =
    "give the address of the server itself, or of a pool in session mode that passes settings on";

/// The driver says only `db error`; what helps is behind it.
pub(super) fn words(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} ({})", said.message(), said.code().code());
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Two transactions were in each other's way, and this one was ended: nothing is wrong with what it did.
pub(super) fn is_collision(error: &Error) -> bool {
    let collisions = [
        &SqlState::T_R_DEADLOCK_DETECTED,
        &SqlState::T_R_SERIALIZATION_FAILURE,
        &SqlState::LOCK_NOT_AVAILABLE,
    ];
    error.code().is_some_and(|code| collisions.contains(&code))
}

pub(super) fn store_error(address: &Address, error: &Error) -> StoreError {
    let (store, mut reason) = (address.to_string(), words(error));
    if reason.contains("unsupported startup parameter") {
        // A server takes them all.
        reason +=
            &format!(": a pooler answers, which does not pass on what a session is to be like: {NO_POOLER}");
    }
    let passes = |code: &str| PASSING.iter().any(|passing| code.starts_with(passing));
    let is_passing = match (error.code(), error.source()) {
        (Some(code), _) => passes(code.code()),
        // Nothing said: the server is not there, or not any more. Anything else is a misunderstanding that stays.
        (None, Some(source)) => source.is::<std::io::Error>(),
        (None, None) => true,
    };
    if is_passing {
        StoreError::Unavailable { store, reason }
    } else {
        StoreError::Unusable { store, reason }
    }
}

pub(super) fn pool_error(address: &Address, error: &PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) => store_error(address, error),
        PoolError::Closed => StoreError::Closed { store: address.to_string() },
        error => StoreError::Unavailable { store: address.to_string(), reason: error.to_string() },
    }
}
