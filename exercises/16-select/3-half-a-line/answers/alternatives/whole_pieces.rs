//! Reads whole pieces, as `Frames` of the chapter does. Lines that have arrived wait in `begun`.
loop {
    if let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
        let line: Vec<u8> = self.begun.drain(..=end).take(end).collect();
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    if self.io.read_buf(&mut self.begun).await? == 0 {
        return Ok(None);
    }
}
