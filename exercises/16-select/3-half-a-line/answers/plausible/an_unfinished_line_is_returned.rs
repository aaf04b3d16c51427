//! Takes what is left at the end for a line.
//~ fails with: which may have been the beginning of `order 12`: expected ["order 7"], and got ["order 7", "order 1"]
loop {
    let mut byte = [0];
    let at_end = self.io.read(&mut byte).await? == 0;
    if at_end && self.begun.is_empty() {
        return Ok(None);
    }
    if at_end || byte == *b"\n" {
        let line = std::mem::take(&mut self.begun);
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    self.begun.extend(byte);
}
