//! `patterns.toml`: what is said about each pattern. It reads and checks that file; printing is done elsewhere.

use std::sync::LazyLock;

use serde::Deserialize;

/// The catalogue. Whether it keeps its promises is for the tests.
pub static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| toml::from_str(include_str!("../patterns.toml")).expect("patterns.toml can be read"));

/// All of `patterns.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "criterion")]
    pub criteria: Vec<Criterion>,
    #[serde(rename = "family")]
    pub families: Vec<Family>,
    #[serde(rename = "pattern")]
    pub patterns: Vec<Pattern>,
    #[serde(rename = "channel")]
    pub channels: Vec<Channel>,
    #[serde(rename = "tree")]
    pub trees: Vec<Tree>,
    pub reading: Vec<Reading>,
}

/// What a rating is about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    pub name: String,
    pub five: String,
    pub one: String,
}

/// Patterns for the same kind of problem. Its name is that of the module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    pub name: String,
    pub title: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// What the command line calls it.
    pub name: String,
    pub title: String,
    pub family: String,
    /// In a few words.
    pub brief: String,
    pub purpose: String,
    pub avoid: String,
    /// What becomes of the rest when it ends early, is dropped or is stopped.
    pub rest: String,
    /// The test that shows it.
    pub shown: String,
    pub correctness: Rating,
    pub performance: Rating,
    pub ergonomics: Rating,
    pub debuggability: Rating,
    pub lesson: u32,
    pub capstone: Capstone,
}

/// From 1 to 5, and the reason.
#[derive(Debug, Deserialize)]
pub struct Rating(pub u8, pub String);

/// Where the capstone uses it: a file, and a text in one of its lines. Without them, `why` says why it does not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capstone {
    pub file: Option<String>,
    pub line: Option<String>,
    pub why: String,
}

/// A row of the table of channels.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    pub name: String,
    pub topology: String,
    pub keeps: String,
    pub full: String,
    pub ends: String,
    pub fits: String,
}

/// A decision tree: a nested Markdown list whose leaves are `[names]` of patterns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    pub title: String,
    pub list: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub title: String,
    pub url: String,
}

impl Catalogue {
    /// The pattern that a user calls so: `select!`, `try_join` and `JoinSet` are understood too.
    pub fn find(&self, wanted: &str) -> Option<&Pattern> {
        let plain = |text: &str| text.replace(|c: char| !c.is_alphanumeric(), "").to_lowercase();
        let wanted = plain(wanted);
        self.patterns.iter().find(|pattern| plain(&pattern.name) == wanted || plain(&pattern.title) == wanted)
    }

    /// The patterns of a family, in order.
    pub fn of<'a>(&'a self, family: &'a Family) -> impl Iterator<Item = &'a Pattern> {
        self.patterns.iter().filter(|pattern| pattern.family == family.name)
    }
}

impl Pattern {
    /// The ratings, in the order of the criteria.
    pub fn ratings(&self) -> [&Rating; 4] {
        [&self.correctness, &self.performance, &self.ergonomics, &self.debuggability]
    }
}
