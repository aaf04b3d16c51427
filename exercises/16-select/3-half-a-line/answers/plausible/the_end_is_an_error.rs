//! `read_u8` is cancel safe, but returns an error at the end of the connection.
//~ fails with: one line arrived in five pieces: expected ["order 10"], and next has returned the error: unexpected end of file
loop {
    let byte = self.io.read_u8().await?;
    if byte == b'\n' {
        let line = std::mem::take(&mut self.begun);
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    self.begun.push(byte);
}
