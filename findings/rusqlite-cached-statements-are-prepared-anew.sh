#!/usr/bin/env bash
# rusqlite 0.41.1 with its bundled SQLite: a statement of `prepare_cached` whose plan may depend on a value, as with `LIMIT ?` or beside a
# partial index, is parsed and planned again at each use. The cache clears the values when a statement is returned to it, and SQLite
# (built with STAT4, and without SQLITE_DBCONFIG_ENABLE_QPSG) takes that for a change that expires the plan. A guess would be that a
# cached statement is prepared once.
#
# Output seen:
#   prepare_cached, LIMIT ?: prepared anew 10 times in 10 uses
#   prepare_cached, no such value: prepared anew 0 times in 10 uses
#   prepare_cached, LIMIT ?, with SQLITE_DBCONFIG_ENABLE_QPSG: prepared anew 0 times in 10 uses
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo new --quiet --vcs none finding
cd finding
cargo add --quiet rusqlite@=0.41.1 --features bundled
cat >src/main.rs <<'RUST'
use rusqlite::config::DbConfig;
use rusqlite::{Connection, StatementStatus};

const USES: i64 = 10;

fn prepared_anew(connection: &Connection, sql: &str) -> i32 {
    for n in 0..USES {
        connection.prepare_cached(sql).unwrap().exists([n]).unwrap();
    }
    connection.prepare_cached(sql).unwrap().get_status(StatementStatus::RePrepare)
}

fn main() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE queue (n INTEGER PRIMARY KEY)").unwrap();
    let say = |what: &str, count: i32| println!("{what}: prepared anew {count} times in {USES} uses");
    let limit = "SELECT n FROM queue ORDER BY n LIMIT ?1";
    say("prepare_cached, LIMIT ?", prepared_anew(&connection, limit));
    say("prepare_cached, no such value", prepared_anew(&connection, "SELECT n FROM queue WHERE n = ?1"));
    connection.flush_prepared_statement_cache();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
    say("prepare_cached, LIMIT ?, with SQLITE_DBCONFIG_ENABLE_QPSG", prepared_anew(&connection, limit));
}
RUST
said=$(cargo run --quiet)
echo "$said"
expected='prepare_cached, LIMIT ?: prepared anew 10 times in 10 uses
prepare_cached, no such value: prepared anew 0 times in 10 uses
prepare_cached, LIMIT ?, with SQLITE_DBCONFIG_ENABLE_QPSG: prepared anew 0 times in 10 uses'
[ "$said" = "$expected" ] || { echo "it has changed" >&2; exit 1; }
