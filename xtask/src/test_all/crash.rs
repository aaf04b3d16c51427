//! A short crash campaign for each sink: every fail point once, and a few kills at random. Long ones: `just crash`.

use std::path::Path;

use anyhow::Result;

use super::step::{Count, cargo};
use super::strictness;
use crate::learn::Strictness;

const FILE: [&str; 8] = ["run", "--quiet", "--package", "capstone-crash", "--", "20", "1", "--json"];

pub(super) fn check(root: &Path) -> Result<Count> {
    let mut count = cargo(root, &FILE)?;
    let has_server = root.join(".tools/bin/nats-server").is_file();
    count += if has_server || strictness() == Strictness::Strict {
        cargo(root, &[&FILE[..], &["--sink", "nats"]].concat())?
    } else {
        Count::SKIPPED
    };
    Ok(count)
}
