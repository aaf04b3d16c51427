//! The bytes survive in `self`, until the next call clears them.
//~ fails with: at 80 ms listener was expected to log "reads "order 1"", but logged "reads " 1""
self.begun.clear();
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await? == 0 {
        return Ok(None);
    }
    if byte == *b"\n" {
        return Ok(Some(String::from_utf8_lossy(&self.begun).into_owned()));
    }
    self.begun.extend(byte);
}
