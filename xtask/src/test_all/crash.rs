//! Short crash campaigns, for each database and sink: every fail point once, and a few kills at random; and a round or two of
//! each other kind but `many`, which takes minutes. Long ones: `just crash`.

use std::path::Path;

use anyhow::Result;

use super::step::{Count, cargo};
use super::strictness;
use crate::learn::Strictness;
use crate::tools;

const CRASH: [&str; 5] = ["run", "--quiet", "--package", "capstone-crash", "--"];

pub(super) fn check(root: &Path) -> Result<Count> {
    let nats = root.join(".tools/bin/nats-server").is_file();
    let postgres = tools::has_postgres(root);
    let runs: [(bool, &[&str]); 11] = [
        (true, &["20", "1", "--json"]),
        (nats, &["20", "1", "--json", "--sink", "nats"]),
        (postgres, &["12", "1", "--json", "--db", "postgres"]),
        (postgres, &["2", "1", "--json", "--kind", "start"]),
        (nats, &["1", "1", "--json", "--kind", "start", "--db", "sqlite", "--sink", "nats", "--relays", "3"]),
        (postgres, &["1", "3", "--json", "--kind", "failover"]),
        (nats, &["1", "1", "--json", "--kind", "foreign"]),
        (nats && postgres, &["1", "1", "--json", "--kind", "foreign", "--db", "postgres"]),
        (nats, &["1", "1", "--json", "--kind", "hang"]),
        (true, &["2", "1", "--json", "--kind", "restore", "--db", "sqlite"]),
        (postgres, &["1", "1", "--json", "--kind", "restore"]),
    ];
    let mut count = Count::default();
    for (is_possible, arguments) in runs {
        count += if is_possible || strictness() == Strictness::Strict {
            cargo(root, &[&CRASH[..], arguments].concat())?
        } else {
            Count::SKIPPED
        };
    }
    Ok(count)
}
