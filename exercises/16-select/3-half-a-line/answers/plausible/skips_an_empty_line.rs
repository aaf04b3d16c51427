//! Takes an empty `begun` for "nothing has arrived".
//~ fails with: five lines arrived, the third one empty: expected ["a", "bc", "", "def", "g"], and got ["a", "bc", "def", "g"]
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await? == 0 {
        return Ok(None);
    }
    if byte != *b"\n" {
        self.begun.extend(byte);
    } else if !self.begun.is_empty() {
        let line = std::mem::take(&mut self.begun);
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
}
