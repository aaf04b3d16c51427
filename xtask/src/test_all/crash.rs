//! Short crash campaigns, for each database and sink: every fail point once, and a few kills at random. Long ones: `just crash`.

use std::path::Path;

use anyhow::Result;

use super::step::{Count, cargo};
use super::strictness;
use crate::learn::Strictness;
use crate::tools;

const CRASH: [&str; 5] = ["run", "--quiet", "--package", "capstone-crash", "--"];

pub(super) fn check(root: &Path) -> Result<Count> {
    let nats = root.join(".tools/bin/nats-server").is_file();
    let runs: [(bool, &[&str]); 3] = [
        (true, &["20", "1", "--json"]),
        (nats, &["20", "1", "--json", "--sink", "nats"]),
        (tools::has_postgres(root), &["12", "1", "--json", "--db", "postgres"]),
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
