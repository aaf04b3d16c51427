//! Like the frame in the chapter: the bytes are in the future of `read_line`, and are dropped with it.
//~ fails with: at 80 ms listener was expected to log "reads "order 1"", but logged "reads " 1""
async fn read_line(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut byte = [0];
    while io.read(&mut byte).await? > 0 {
        if byte == *b"\n" {
            return Ok(Some(line));
        }
        line.extend(byte);
    }
    Ok(None)
}

let Some(line) = read_line(&mut self.io).await? else { return Ok(None) };
self.begun = line;
Ok(Some(String::from_utf8_lossy(&self.begun).into_owned()))
