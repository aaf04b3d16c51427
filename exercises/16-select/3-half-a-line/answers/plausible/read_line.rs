//! `read_line` is not cancel safe: what it has read of a line is dropped.
//~ fails with: at 80 ms listener was expected to log "reads "order 1"", but logged "reads " 1""
use tokio::io::{AsyncBufReadExt, BufReader};

let mut line = String::new();
if BufReader::with_capacity(1, &mut self.io).read_line(&mut line).await? == 0 {
    return Ok(None);
}
Ok(Some(line.trim_end().to_owned()))
