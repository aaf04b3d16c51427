//! Whatever a client sends and however it is cut, the decoder says the same, panics never and keeps its bounds.
//!
//! The first byte chooses the cut. `cargo +nightly fuzz run decoder -- -max_total_time=600`

#![no_main]

use bytes::BytesMut;
use capstone_bus::Headers;
use capstone_bus::wire::codec::{Command, Connect, DecodeError, Decoder, encode};
use libfuzzer_sys::fuzz_target;

const LINE_MAX: usize = 128;
const PAYLOAD_MAX: usize = 256;
const VERB_MAX: usize = "CONNECT ".len();

fn fed(input: &[u8], cut: usize) -> (Vec<Command>, Option<DecodeError>) {
    let mut decoder = Decoder::new(LINE_MAX, PAYLOAD_MAX);
    let (mut buffer, mut commands) = (BytesMut::new(), Vec::new());
    for piece in input.chunks(cut) {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(command)) => commands.push(command),
                Ok(None) => break,
                Err(error) => return (commands, Some(error)),
            }
        }
        assert!(buffer.len() <= VERB_MAX + LINE_MAX + 2 + PAYLOAD_MAX + 2, "what is incomplete is bounded");
    }
    (commands, None)
}

/// Whatever the block is, clients get it as it came, and who looks into it finds headers or nothing.
fn carried(block: &[u8], payload: &[u8]) {
    let headers = Headers::from_block(block.to_vec());
    let mut out = Vec::new();
    encode::message(&mut out, &encode::Outgoing { topic: "t", sid: b"1", reply: None, headers: &headers, payload });
    assert!(out.ends_with(&[block, payload, b"\r\n"].concat()));
    assert!(headers.iter().all(|(name, value)| !name.is_empty() && !value.contains(['\r', '\n'])));
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, input)) = input.split_first() else { return };
    let whole = fed(input, input.len().max(1));
    assert_eq!(fed(input, usize::from(*cut).max(1)), whole);
    assert_eq!(fed(input, 1), whole);
    for command in whole.0 {
        match command {
            Command::Connect(json) => drop(Connect::parse(&json)),
            Command::Publish(publish) => {
                assert!(!publish.subject().is_empty());
                let (block, payload) = publish.into_parts();
                assert!(block.len() + payload.len() <= PAYLOAD_MAX);
                carried(&block, &payload);
            }
            _ => {}
        }
    }
});
