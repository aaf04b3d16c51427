//! `read_u8` is cancel safe, and its error at the end of the connection is not an error here.
loop {
    match self.io.read_u8().await {
        Ok(b'\n') => break,
        Ok(byte) => self.begun.push(byte),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
}
let line = String::from_utf8(std::mem::take(&mut self.begun));
line.map(Some).map_err(io::Error::other)
