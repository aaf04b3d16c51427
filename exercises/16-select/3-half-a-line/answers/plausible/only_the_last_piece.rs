//! Copies what this call has read over what earlier calls have read. Two pieces are right, and five are not.
//~ fails with: one line arrived in five pieces: expected ["order 10"]
let before = self.begun.clone();
let mut piece = Vec::new();
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await? == 0 {
        return Ok(None);
    }
    if byte == *b"\n" {
        self.begun.clear();
        let line = [before, piece].concat();
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    piece.extend(byte);
    self.begun.clone_from(&piece);
}
