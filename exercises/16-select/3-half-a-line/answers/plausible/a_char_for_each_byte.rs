//! Makes a `char` of each byte, which is right for ASCII only.
//~ fails with: `ü` is two bytes, and they arrived one by one: expected ["Tür"], and got ["TÃ¼r"]
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await? == 0 {
        return Ok(None);
    }
    if byte == *b"\n" {
        return Ok(Some(self.begun.drain(..).map(char::from).collect()));
    }
    self.begun.extend(byte);
}
