//! Reads whole pieces, and drops what comes after the first `\n`.
//~ fails with: at 80 ms listener was expected to log "reads "order 2"", but never did
loop {
    if let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(&self.begun[..end]).into_owned();
        self.begun.clear();
        return Ok(Some(line));
    }
    if self.io.read_buf(&mut self.begun).await? == 0 {
        return Ok(None);
    }
}
