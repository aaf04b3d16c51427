//! Keeps the bytes, also those of a line that has been returned.
//~ fails with: at 80 ms listener was expected to log "reads "order 2"", but logged "reads "order 1order 2""
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
