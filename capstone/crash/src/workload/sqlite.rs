//! The application on SQLite: one connection, one transaction after the other.

use capstone_outbox::sqlite;
use rusqlite::TransactionBehavior;

use super::{Draft, Ledger};
use crate::place::SqlitePlace;
use crate::written::Told;

/// JSON to SQLite, which also takes JSON5, and to nobody else: what other programs may write, and no sink can publish.
const POISON: &str = "{a:1}";

/// Blocks while others write.
pub(super) fn run(transactions: &[Vec<Draft>], place: &SqlitePlace) -> anyhow::Result<Ledger> {
    let mut connection = place.open()?;
    let mut ledger = Ledger::new();
    for (position, drafts) in transactions.iter().enumerate() {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for draft in drafts {
            if draft.is_poison {
                let sql = "INSERT INTO outbox (id, topic, key, headers, payload) VALUES (?1, ?2, ?3, ?4, ?5)";
                let id: &[u8] = draft.id.as_bytes();
                tx.execute(sql, (id, draft.topic, &draft.key, POISON, &draft.payload))?;
            } else {
                sqlite::enqueue(&tx, &draft.message()?)?;
            }
        }
        let told = if position % 2 == 0 {
            tx.commit()?;
            Told::Committed
        } else {
            tx.rollback()?;
            Told::RolledBack
        };
        for draft in drafts {
            draft.note(&mut ledger, told);
        }
    }
    Ok(ledger)
}
