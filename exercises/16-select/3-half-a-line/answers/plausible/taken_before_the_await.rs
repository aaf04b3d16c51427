//! Takes the bytes out of `self` at the start. A future that is dropped does not put them back.
//~ fails with: at 80 ms listener was expected to log "reads "order 1"", but logged "reads " 1""
let mut line = std::mem::take(&mut self.begun);
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await? == 0 {
        self.begun = line;
        return Ok(None);
    }
    if byte == *b"\n" {
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    line.extend(byte);
}
