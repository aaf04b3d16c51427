//! `checked_text!`: what a [`Topic`](crate::Topic) and a [`Pattern`](crate::Pattern) have in common as texts.
//!
//! What makes a text one or the other stands in their own files.

/// Gives a newtype around `Arc<str>`, which has a `new`, the ways in and out of a text.
macro_rules! checked_text {
    ($Text:ident, $Error:ident) => {
        impl $Text {
            /// The whole text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The texts between the dots; at least one.
            pub fn tokens(&self) -> impl DoubleEndedIterator<Item = &str> {
                self.0.split('.')
            }
        }

        impl std::str::FromStr for $Text {
            type Err = $Error;

            fn from_str(text: &str) -> Result<Self, $Error> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $Text {
            type Error = $Error;

            fn try_from(text: &str) -> Result<Self, $Error> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $Text {
            type Error = $Error;

            fn try_from(text: String) -> Result<Self, $Error> {
                Self::new(text)
            }
        }

        /// Lets a function take `impl TryInto` and accept what is ready too.
        impl From<std::convert::Infallible> for $Error {
            fn from(never: std::convert::Infallible) -> Self {
                match never {}
            }
        }

        /// The text, which is shared.
        impl From<$Text> for std::sync::Arc<str> {
            fn from(text: $Text) -> Self {
                text.0
            }
        }

        impl AsRef<str> for $Text {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $Text {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::fmt::Debug for $Text {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

pub(crate) use checked_text;
