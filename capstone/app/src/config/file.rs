//! Reads `capstone.toml`: which settings stand in which lines. What a value means is decided elsewhere.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::keys::{Key, unknown};
use super::nearest::nearest;
use super::origin::Origin;
use super::users::{self, USERS, UserSettings};

/// Nobody's settings are longer; a large file was named by mistake.
const BYTES_MAX: u64 = 1 << 20;

/// One setting of the file.
pub(super) struct Entry {
    /// Which of the keys.
    pub(super) key: usize,
    /// From 1.
    pub(super) line: usize,
    /// Its value as a text.
    pub(super) text: String,
}

/// All that the file says.
pub(super) struct Contents {
    pub(super) entries: Vec<Entry>,
    /// The users of the listener, and the line where they begin.
    pub(super) users: Option<(usize, Vec<UserSettings>)>,
}

pub(super) fn read(path: &Path, keys: &[Key]) -> Result<Contents, ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable { path: path.to_owned(), reason };
    let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(unreadable(format!("{size} bytes are no settings")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    parse(path, &text, keys)
}

fn parse(path: &Path, text: &str, keys: &[Key]) -> Result<Contents, ConfigError> {
    let line = |span: &Range<usize>| 1 + text[..span.start].matches('\n').count();
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: line(&error.span().unwrap_or_default()),
        // The first line says it. The parser's own words may go on, but not with what stands in the file.
        reason: error.message().lines().next().unwrap_or("this is no TOML").to_owned(),
    })?;
    let at = |span: &Range<usize>| Origin::File(path.to_owned(), line(span));
    let (mut entries, mut users) = (Vec::new(), None);
    for (section, content) in document.get_ref() {
        let Some(content) = content.get_ref().as_table() else {
            return Err(unknown(&at(&section.span()), section.get_ref(), keys));
        };
        if !keys.iter().any(|key| key.section() == section.get_ref().as_ref()) {
            return Err(unknown_section(at(&section.span()), section.get_ref(), keys));
        }
        for (name, value) in content {
            let name_in_full = format!("{}.{}", section.get_ref(), name.get_ref());
            if name_in_full == USERS {
                users = Some((line(&name.span()), users::Reader { origin: &at }.users(value)?));
                continue;
            }
            let Some(key) = keys.iter().position(|key| key.name == name_in_full) else {
                return Err(unknown(&at(&name.span()), &name_in_full, keys));
            };
            let text = scalar(value).ok_or_else(|| ConfigError::Value {
                origin: at(&value.span()),
                name: keys[key].name,
                reason: "write one text or one whole number".into(),
            })?;
            entries.push(Entry { key, line: line(&value.span()), text });
        }
    }
    Ok(Contents { entries, users })
}

fn unknown_section(origin: Origin, name: &str, keys: &[Key]) -> ConfigError {
    let nearest = nearest(name, keys.iter().map(Key::section));
    ConfigError::Unknown { origin, name: format!("[{name}]"), nearest: format!("[{nearest}]") }
}

fn scalar(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        _ => None,
    }
}
