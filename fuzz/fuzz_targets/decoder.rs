//! Whatever a client sends and however it is cut, the decoder says the same, panics never and keeps its bounds.
//!
//! The first byte chooses the cut. `cargo +nightly fuzz run decoder -- -max_total_time=600`

#![no_main]

use bytes::BytesMut;
use capstone_bus::wire::codec::{Command, Connect, DecodeError, Decoder, parse_headers};
use libfuzzer_sys::fuzz_target;

const LINE_MAX: usize = 128;
const PAYLOAD_MAX: usize = 256;

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
        assert!(buffer.len() <= LINE_MAX + 2 + PAYLOAD_MAX + 2, "what is incomplete is bounded");
    }
    (commands, None)
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
                drop(publish.headers().map(parse_headers));
                assert!(publish.into_payload().len() <= PAYLOAD_MAX);
            }
            _ => {}
        }
    }
});
