//! A guard puts the bytes back when the future is dropped.
struct Keep<'a>(&'a mut Vec<u8>, Vec<u8>);

impl Drop for Keep<'_> {
    fn drop(&mut self) {
        self.0.append(&mut self.1);
    }
}

let line = std::mem::take(&mut self.begun);
let mut keep = Keep(&mut self.begun, line);
loop {
    let mut byte = [0];
    if self.io.read(&mut byte).await? == 0 {
        return Ok(None);
    }
    if byte == *b"\n" {
        let line = std::mem::take(&mut keep.1);
        return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
    }
    keep.1.extend(byte);
}
