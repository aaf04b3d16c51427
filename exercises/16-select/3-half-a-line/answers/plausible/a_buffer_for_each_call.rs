//! `next_line` is cancel safe if its reader lives on. This reader is dropped, with all that it has read.
//~ fails with: listener was expected to log "reads "order 1"", but logged "reads " 1""
use tokio::io::{AsyncBufReadExt, BufReader};

BufReader::new(&mut self.io).lines().next_line().await
