//! Takes the bytes out, and puts them back before it awaits again.
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await? == 0 {
        return Ok(None);
    }
    let mut line = std::mem::take(&mut self.begun);
    if byte == *b"\n" {
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    line.extend(byte);
    self.begun = line;
}
