//! The file that the file sink writes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Delivery, checksum, headers};

/// Remembers where each life of the relay has ended.
pub(crate) struct FileTarget {
    path: PathBuf,
    /// Its whole lines at the end of each life, in bytes.
    ends: Vec<u64>,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    seq: u64,
    topic: String,
    key: Option<String>,
    headers: Box<RawValue>,
    payload: Option<Box<RawValue>>,
    payload_base64: Option<String>,
}

impl FileTarget {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join("delivered.ndjson"), ends: Vec::new() }
    }

    /// `--sink`.
    pub(super) fn sink(&self) -> String {
        format!("file:{}", self.path.display())
    }

    /// A relay has ended. `torn` leaves half a line behind, as a kill in the middle of a write does.
    pub(super) fn life_ended(&mut self, torn: bool) -> anyhow::Result<()> {
        let bytes = self.read()?;
        let whole = whole(&bytes);
        self.ends.push(whole as u64);
        if torn && whole == bytes.len() {
            let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
            file.write_all(br#"{"id":"019b8d2b-9027-7d5d-8cf6-35ee9e9e2fa4","topic":"ord"#)?;
        }
        Ok(())
    }

    pub(super) fn deliveries(&self) -> anyhow::Result<Vec<Delivery>> {
        let (mut bytes, mut place) = (self.read()?, 0);
        // Half a line is no delivery.
        bytes.truncate(whole(&bytes));
        let mut deliveries = Vec::new();
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let life = self.ends.partition_point(|&end| end <= place);
            place += line.len() as u64;
            let text = || String::from_utf8_lossy(line).into_owned();
            let line: Line = serde_json::from_slice(line).with_context(text)?;
            let payload = match (line.payload, line.payload_base64) {
                (Some(json), None) => json.get().as_bytes().to_vec(),
                (None, Some(text)) => BASE64.decode(text)?,
                _ => anyhow::bail!("neither or both payloads: {}", text()),
            };
            let crc32 = checksum(&line.topic, &headers(line.headers.get()), &payload);
            deliveries.push(Delivery { life, id: line.id, key: line.key, seq: line.seq, crc32 });
        }
        Ok(deliveries)
    }

    fn read(&self) -> std::io::Result<Vec<u8>> {
        fs::read(&self.path).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(Vec::new()),
            _ => Err(error),
        })
    }
}

/// Bytes of whole lines.
fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_line_is_no_delivery() {
        let folder = tempfile::tempdir().unwrap();
        let mut target = FileTarget::new(folder.path());
        assert_eq!(target.deliveries().unwrap().len(), 0);
        let line = r#"{"id":"a","topic":"b","seq":1,"headers":{},"payload":1}"#;
        fs::write(&target.path, format!("{line}\n")).unwrap();
        target.life_ended(true).unwrap();
        let delivered: Vec<_> =
            target.deliveries().unwrap().into_iter().map(|one| (one.life, one.id)).collect();
        assert_eq!(delivered, [(0, "a".to_owned())]);
    }
}
