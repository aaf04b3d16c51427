//! Treats an error as the end of the connection.
//~ fails with: the connection was reset, and next has not returned the error
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await.unwrap_or(0) == 0 {
        return Ok(None);
    }
    if byte == *b"\n" {
        let line = std::mem::take(&mut self.begun);
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    self.begun.extend(byte);
}
