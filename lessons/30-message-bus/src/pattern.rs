//! Patterns: `orders.*`, `*.created`, `orders.>`. The grammar is that of NATS.

use std::fmt::{self, Display};

/// Says which topics a subscriber wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Exactly(String),
    /// `*`: any one token.
    One,
    /// `>`, as the last: one or more.
    Rest,
}

/// The text is no pattern: an empty token, a wildcard that is part of a token, or a `>` that is not the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern(pub String);

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let bad = || BadPattern(text.to_owned());
        let last = text.split('.').count() - 1;
        let token = |(at, token): (usize, &str)| match token {
            "*" => Ok(Token::One),
            ">" if at == last => Ok(Token::Rest),
            "" => Err(bad()),
            _ if token.contains(['*', '>']) => Err(bad()),
            _ => Ok(Token::Exactly(token.to_owned())),
        };
        text.split('.').enumerate().map(token).collect::<Result<_, _>>().map(Self)
    }

    /// Whether messages on this topic are wanted.
    // ANCHOR: matches
    pub fn matches(&self, topic: &str) -> bool {
        let mut names = topic.split('.');
        for token in &self.0 {
            match (token, names.next()) {
                (Token::Rest, Some(_)) => return true,
                (Token::One, Some(_)) => {}
                (Token::Exactly(wanted), Some(name)) if wanted == name => {}
                _ => return false,
            }
        }
        names.next().is_none()
    }
    // ANCHOR_END: matches
}

impl Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a pattern", self.0)
    }
}

impl std::error::Error for BadPattern {}
