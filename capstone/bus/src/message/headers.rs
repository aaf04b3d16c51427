//! [`Headers`]: names and values that travel with a message, in order.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::message::header_block::{Field, HeaderBlock};

/// An ordered list of names and values; a name may occur more than once.
///
/// The rules are those of NATS headers, so that every header can go over the wire as it is. A name is one or more
/// printable ASCII characters without blank and `:`, and is case-sensitive. A value is any text without line breaks.
///
/// A list and not a map: a message has few headers, their order is part of it, and none costs no allocation.
///
/// # From the network
///
/// What a NATS client sent is kept as it came, byte for byte, and goes to other clients like that; it is in
/// [`block`](Self::block). Read here is what of it is a header: a line of UTF-8 with a name, which may have any characters,
/// and a colon; blanks around the value are no part of it. All else is passed over: a status, lines in another encoding or
/// without a colon, a block that does not begin with `NATS/1.0`. Whoever changes such headers makes them new: what was
/// passed over is lost then.
#[derive(Clone)]
pub struct Headers(Content);

#[derive(Clone)]
enum Content {
    Fields(Vec<Field>),
    Block(Arc<HeaderBlock>),
}

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Content::Fields(Vec::new()))
    }

    /// The headers in a block of the NATS protocol, `NATS/1.0` and a line for each; the block is kept as it is, whatever is
    /// in it. An empty one is none.
    ///
    /// ```
    /// use capstone_bus::Headers;
    ///
    /// let headers = Headers::from_block("NATS/1.0 100 Idle\r\nLast:7\r\nno header\r\n\r\n");
    /// assert_eq!(headers.iter().collect::<Vec<_>>(), [("Last", "7")]);
    /// assert!(headers.block().unwrap().starts_with(b"NATS/1.0 100 Idle"));
    /// ```
    pub fn from_block(block: impl Into<Bytes>) -> Self {
        let block = block.into();
        if block.is_empty() { Self::new() } else { Self(Content::Block(Arc::new(HeaderBlock::new(block)))) }
    }

    /// The block that they came in. Absent when they were made here, or changed.
    pub fn block(&self) -> Option<&[u8]> {
        match &self.0 {
            Content::Fields(_) => None,
            Content::Block(block) => Some(block.bytes()),
        }
    }

    /// Adds a header behind the others, also when the name is there already.
    ///
    /// # Errors
    ///
    /// The name or the value cannot be a header; nothing was added.
    pub fn append(
        &mut self,
        name: impl Into<Box<str>>,
        value: impl Into<Box<str>>,
    ) -> Result<(), HeaderError> {
        let (name, value) = (name.into(), value.into());
        check(&name, &value)?;
        self.fields_mut().push((name, value));
        Ok(())
    }

    /// Replaces every header of this name with one, which stands last.
    ///
    /// # Errors
    ///
    /// The name or the value cannot be a header; nothing was changed.
    pub fn set(&mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Result<(), HeaderError> {
        let (name, value) = (name.into(), value.into());
        check(&name, &value)?;
        self.remove(&name);
        self.fields_mut().push((name, value));
        Ok(())
    }

    /// Removes every header of this name and says how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        if self.get(name).is_none() {
            return 0;
        }
        let fields = self.fields_mut();
        let before = fields.len();
        fields.retain(|(n, _)| **n != *name);
        before - fields.len()
    }

    /// The first value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// All values of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(n, _)| *n == name).map(|(_, value)| value)
    }

    /// All names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.fields().iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many headers there are, each occurrence of a name counted.
    pub fn len(&self) -> usize {
        self.fields().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields().is_empty()
    }

    fn fields(&self) -> &[Field] {
        match &self.0 {
            Content::Fields(fields) => fields,
            Content::Block(block) => block.fields(),
        }
    }

    fn fields_mut(&mut self) -> &mut Vec<Field> {
        if let Content::Block(block) = &self.0 {
            self.0 = Content::Fields(block.fields().to_vec());
        }
        match &mut self.0 {
            Content::Fields(fields) => fields,
            Content::Block(_) => unreachable!("a block has just become fields"),
        }
    }
}

impl Default for Headers {
    fn default() -> Self {
        Self::new()
    }
}

/// Equal when the same can be read in them.
impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields()
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Headers").field(&self.fields()).finish()
    }
}

/// A name or a value cannot be a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The name is empty, or has a character other than printable ASCII without blank and `:`.
    #[error("header name {name:?}: {problem}")]
    Name {
        /// The name as it was given.
        name: Box<str>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The value has a line break.
    #[error("header {name:?}: its value has a line break at byte {at}")]
    Value {
        /// The name of the header.
        name: Box<str>,
        /// Where the first CR or LF is.
        at: usize,
    },
}

fn check(name: &str, value: &str) -> Result<(), HeaderError> {
    let problem = if name.is_empty() {
        Some("is empty")
    } else if name.contains(':') {
        Some("has a colon")
    } else if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("has a character that is not printable ASCII")
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(HeaderError::Name { name: name.into(), problem });
    }
    match value.find(['\r', '\n']) {
        Some(at) => Err(HeaderError::Value { name: name.into(), at }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.append(*name, *value).expect("a header");
        }
        headers
    }

    #[test]
    fn a_name_may_repeat_and_order_is_kept() {
        let headers = headers(&[("via", "a"), ("Via", "x"), ("via", "b")]);
        assert_eq!(headers.get("via"), Some("a"));
        assert_eq!(headers.get_all("via").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("via", "a"), ("Via", "x"), ("via", "b")]);
        assert_eq!(headers.get("VIA"), None);
    }

    #[test]
    fn set_replaces_and_remove_counts() {
        let mut headers = headers(&[("a", "1"), ("b", "2"), ("a", "3")]);
        headers.set("a", "4").expect("a header");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("b", "2"), ("a", "4")]);
        assert_eq!(headers.remove("a"), 1);
        assert_eq!(headers.remove("a"), 0);
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn a_block_is_kept_until_it_is_changed() {
        let text = "NATS/1.0 503\r\nA:b\r\nMy Key: 1\r\n?\r\n\r\n";
        let mut read = Headers::from_block(text);
        assert_eq!(read.iter().collect::<Vec<_>>(), [("A", "b"), ("My Key", "1")]);
        assert_eq!((read.get("A"), read.len(), read.is_empty()), (Some("b"), 2, false));
        assert_eq!((read.block(), read.clone().block()), (Some(text.as_bytes()), Some(text.as_bytes())));
        assert_ne!(read, headers(&[("A", "b")]));

        read.append("a b", "1").expect_err("no header");
        assert!(read.block().is_some(), "refused, and nothing changed");
        assert_eq!(read.remove("a b"), 0);
        assert!(read.block().is_some(), "there was none");
        let shared = read.clone();
        assert_eq!(read.remove("My Key"), 1);
        assert_eq!((read.block(), shared.block()), (None, Some(text.as_bytes())));
        assert_eq!(read, headers(&[("A", "b")]));
        assert_eq!(Headers::from_block(""), Headers::new());
        assert_eq!(Headers::from_block("").block(), None);
    }

    #[test]
    fn what_cannot_be_a_header_is_refused_and_changes_nothing() {
        #[track_caller]
        fn refused(name: &str, value: &str, expected: &str) {
            let mut headers = headers(&[("a", "1")]);
            assert_eq!(headers.append(name, value).expect_err(name).to_string(), expected);
            assert_eq!(headers.set(name, value).expect_err(name).to_string(), expected);
            assert_eq!(headers.iter().collect::<Vec<_>>(), [("a", "1")]);
        }
        refused("", "v", r#"header name "": is empty"#);
        refused("a:b", "v", r#"header name "a:b": has a colon"#);
        refused("a b", "v", r#"header name "a b": has a character that is not printable ASCII"#);
        refused("é", "v", r#"header name "é": has a character that is not printable ASCII"#);
        refused("a", "one\r\ntwo: 2", r#"header "a": its value has a line break at byte 3"#);
        refused("a", "\n", r#"header "a": its value has a line break at byte 0"#);
    }
}
