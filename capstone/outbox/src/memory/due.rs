//! Keys in trouble whose time has come, in the store in memory.

use std::time::Duration;

use tokio::time::Instant;

use super::{Tables, Trouble};
use crate::message::{Envelope, Ident, Seq};
use crate::store::{Budget, Due, DueKey, DueLook, Held, Hold};

impl Tables {
    pub(super) fn due(&self, look: &DueLook, budget: Budget) -> Due {
        let now = Instant::now();
        let mut waiting: Vec<(Instant, &Ident, &Trouble)> = self
            .trouble
            .iter()
            .filter(|(ident, trouble)| look.lanes.contains(&trouble.lane) && !look.except.contains(ident))
            .filter_map(|(ident, trouble)| Some((trouble.retry_at?, ident, trouble)))
            .collect();
        waiting.sort_by_key(|(at, ident, _)| (*at, *ident));
        let mut due = Due::default();
        let (mut rows_left, mut bytes_left) = (budget.rows, budget.bytes);
        for (at, ident, trouble) in waiting {
            let is_due = at <= now || at - now > look.wait_max;
            if !is_due {
                due.next = Some(due.next.map_or(at - now, |next: Duration| next.min(at - now)));
                continue;
            }
            if rows_left == 0 || bytes_left == 0 {
                due.is_more = true;
                break;
            }
            let mut rows: Vec<Envelope> = Vec::new();
            for row in self.held_rows(ident, Seq::START).take(look.rows_each.min(rows_left)) {
                let weight = row.envelope.weight();
                if weight > bytes_left && !(rows.is_empty() && due.keys.is_empty()) {
                    bytes_left = 0;
                    break;
                }
                bytes_left = bytes_left.saturating_sub(weight);
                rows.push(row.envelope.clone());
            }
            if rows.is_empty() && bytes_left == 0 {
                due.is_more = true;
                break;
            }
            rows_left -= rows.len();
            let Trouble { lane, head, attempts, .. } = *trouble;
            let held =
                Held { lane, ident: ident.clone(), head, attempts, hold: Hold::RetryIn(Duration::ZERO) };
            due.keys.push(DueKey { held, rows });
        }
        due
    }
}
