//! [`Backlog`]: the bytes that wait to be written to one connection, in the order in which they came.

use std::collections::VecDeque;

/// A block that has this much is closed, and the next one begun. So what is written is given back piece by piece, and a
/// long backlog is never moved because it grows.
const BLOCK: usize = 128 << 10;
/// A block that has grown larger is not used again.
const CAPACITY_KEPT: usize = 256 << 10;

/// See the module. Most of the time it is one block, which the writer exchanges for an empty one.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// The oldest first.
    closed: VecDeque<Block>,
    open: Block,
    /// Bytes in all of them, and in what the writer has taken and not yet written.
    pending: usize,
    /// Messages, counted alike.
    messages: usize,
}

/// Whole messages and lines, encoded.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    messages: usize,
}

impl Backlog {
    /// Appends whatever the function writes.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.open.bytes.len();
        write(&mut self.open.bytes);
        let length = self.open.bytes.len();
        self.pending += length - before;
        if length >= BLOCK {
            self.closed.push_back(std::mem::take(&mut self.open));
        }
    }

    /// Appends one message.
    pub(super) fn append_message(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.messages += 1;
        self.open.messages += 1;
        self.append(write);
    }

    /// Exchanges what was written for what comes next. Says no when nothing waits.
    pub(super) fn take(&mut self, written: &mut Block) -> bool {
        written.reset();
        if let Some(oldest) = self.closed.pop_front() {
            *written = oldest;
        } else if !self.open.bytes.is_empty() {
            std::mem::swap(&mut self.open, written);
        }
        !written.bytes.is_empty()
    }

    /// So many bytes of what was taken are written. It may have been forgotten meanwhile.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.pending = self.pending.saturating_sub(bytes);
    }

    /// All of this is written.
    pub(super) fn settle(&mut self, written: &Block) {
        self.messages = self.messages.saturating_sub(written.messages);
    }

    pub(super) fn pending(&self) -> usize {
        self.pending
    }

    pub(super) fn messages(&self) -> usize {
        self.messages
    }
}

impl Block {
    fn reset(&mut self) {
        self.messages = 0;
        if self.bytes.capacity() > CAPACITY_KEPT {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_comes_out_in_order_and_is_counted_until_it_is_written() {
        let mut backlog = Backlog::default();
        let mut expected = Vec::new();
        for number in 0..20_u8 {
            let message = vec![number; 30 << 10];
            backlog.append_message(|out| out.extend_from_slice(&message));
            expected.extend(message);
        }
        backlog.append(|out| out.extend_from_slice(b"PONG"));
        expected.extend(b"PONG");
        assert_eq!((backlog.pending(), backlog.messages()), (expected.len(), 20));

        let (mut block, mut heard, mut blocks) = (Block::default(), Vec::new(), 0);
        while backlog.take(&mut block) {
            assert!(block.bytes.len() < BLOCK + (30 << 10));
            heard.extend_from_slice(&block.bytes);
            backlog.wrote(block.bytes.len());
            backlog.settle(&block);
            blocks += 1;
        }
        assert!(heard == expected && blocks == 5, "{blocks} blocks");
        assert_eq!((backlog.pending(), backlog.messages()), (0, 0));
    }

    #[test]
    fn a_small_block_is_used_again_and_a_large_one_given_back() {
        let (mut backlog, mut block) = (Backlog::default(), Block::default());
        let mut capacity_after = |length: usize| {
            backlog.append(|out| out.extend_from_slice(&vec![0; length]));
            assert!(backlog.take(&mut block));
            backlog.wrote(length);
            assert!(!backlog.take(&mut block));
            block.bytes.capacity()
        };
        assert!((1000..CAPACITY_KEPT).contains(&capacity_after(1000)));
        assert_eq!(capacity_after(1 << 20), 0);
    }
}
