//! What earlier owners of the store in memory have left behind.

use super::Tables;
use crate::store::{Lane, Legacy, Started};

impl Tables {
    pub(super) fn legacy(&self, lanes: &[Lane]) -> Legacy {
        let is_abandoned = |lane: &Lane| self.lanes[usize::from(lane.0)].is_abandoned;
        let started = self.started.iter().filter_map(|(row, starts)| {
            let lane = self.rows.get(&row.seq)?.envelope.lane;
            lanes.contains(&lane).then_some(Started { lane, row: *row, starts: *starts })
        });
        let abandoned = lanes.iter().copied().filter(is_abandoned).collect();
        Legacy { abandoned, started: started.collect() }
    }
}
