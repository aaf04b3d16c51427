//! [`Headers`]: names and values that travel with a message, in order.

/// An ordered list of names and values; a name may occur more than once.
///
/// The rules are those of NATS headers, so that every header can go over the wire as it is. A name is one or more
/// printable ASCII characters without blank and `:`, and is case-sensitive. A value is any text without line breaks.
///
/// A list and not a map: a message has few headers, their order is part of it, and none costs no allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Box<str>, Box<str>)>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
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
        self.0.push((name, value));
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
        self.0.push((name, value));
        Ok(())
    }

    /// Removes every header of this name and says how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        let before = self.0.len();
        self.0.retain(|(n, _)| **n != *name);
        before - self.0.len()
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
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many headers there are, each occurrence of a name counted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
