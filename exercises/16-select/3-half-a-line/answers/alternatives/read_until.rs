//! `read_until` leaves what it has read in `begun`. A buffer of one byte is empty whenever it waits.
use tokio::io::{AsyncBufReadExt, BufReader};

BufReader::with_capacity(1, &mut self.io).read_until(b'\n', &mut self.begun).await?;
if self.begun.pop_if(|last| *last == b'\n').is_none() {
    return Ok(None);
}
let line = std::mem::take(&mut self.begun);
Ok(Some(String::from_utf8_lossy(&line).into_owned()))
