//! `read_until` keeps the bytes in `begun`. The reader has read further than that, and is dropped.
//~ fails with: at 80 ms listener was expected to log "reads "order 2"", but never did
use tokio::io::{AsyncBufReadExt, BufReader};

BufReader::new(&mut self.io).read_until(b'\n', &mut self.begun).await?;
if self.begun.pop_if(|last| *last == b'\n').is_none() {
    return Ok(None);
}
let line = std::mem::take(&mut self.begun);
Ok(Some(String::from_utf8_lossy(&line).into_owned()))
