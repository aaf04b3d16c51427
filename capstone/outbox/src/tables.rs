//! Whether the tables of a database and this program fit together. It knows no database: a driver reads `outbox_meta`.
//!
//! Tables may be newer than the program, as they are while a service is brought up to date one process after the other: a migration
//! says which is the oldest program that may go on.

/// Rows of `outbox_meta`: the tables' version, and the oldest version that a program must know to use them.
pub(crate) const VERSION: &str = "schema_version";
pub(crate) const COMPATIBLE_FROM: &str = "compatible_from";

/// Our tables, seen by a program that knows them up to some version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    /// In the version that this program knows.
    Current,
    /// In a version that a migration brings up to date.
    Older(usize),
    /// In a version that this program does not know, and may use.
    Newer(usize),
    /// In a version that this program does not know.
    Unknown(String),
}

impl Tables {
    /// From the rows of `outbox_meta`.
    pub(crate) fn read(rows: impl IntoIterator<Item = (String, String)>, known: usize) -> Self {
        let (mut version, mut compatible_from) = (None, None);
        for (name, value) in rows {
            match name.as_str() {
                VERSION => version = Some(value),
                COMPATIBLE_FROM => compatible_from = value.parse::<usize>().ok(),
                _ => {}
            }
        }
        let version = version.unwrap_or_else(|| "unknown".into());
        match version.parse::<usize>() {
            Ok(number) if number == known => Self::Current,
            Ok(number) if (1..known).contains(&number) => Self::Older(number),
            Ok(number) if number > known && compatible_from.is_some_and(|oldest| oldest <= known) => {
                Self::Newer(number)
            }
            _ => Self::Unknown(version),
        }
    }

    pub(crate) fn is_usable(&self) -> bool {
        matches!(self, Self::Current | Self::Newer(_))
    }

    /// Why a program cannot use them; `migrate` is what brings older ones up to date.
    pub(crate) fn refusal(&self, known: usize, migrate: &str) -> Option<String> {
        match self {
            Self::Current | Self::Newer(_) => None,
            Self::Older(version) => {
                Some(format!("its tables have version {version}, not {known}: update them with `{migrate}`"))
            }
            Self::Unknown(version) => {
                Some(format!("its tables have version {version}, this program knows version {known}"))
            }
        }
    }
}

/// Ends a migration: what the tables are from now on.
pub(crate) fn stamp(version: usize, compatible_from: usize) -> String {
    format!(
        "INSERT INTO outbox_meta (name, value) VALUES ('{VERSION}', '{version}'), ('{COMPATIBLE_FROM}', '{compatible_from}')
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
"
    )
}

/// What leads from a version to the last of these steps, as one text: all of it in one transaction. Empty if nothing is missing.
pub(crate) fn script(steps: &[&str], from: usize, compatible_from: usize) -> String {
    let missing = steps.get(from..).unwrap_or_default();
    if missing.is_empty() {
        return String::new();
    }
    let mut script = format!(
        "-- The tables of the outbox, from version {from} to {}. Run it in one transaction.\n\n",
        steps.len()
    );
    for step in missing {
        script += step;
        script += "\n";
    }
    script + &stamp(steps.len(), compatible_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(version: &str, compatible_from: Option<&str>) -> Tables {
        let rows = [(VERSION, Some(version)), ("other", Some("7")), (COMPATIBLE_FROM, compatible_from)];
        Tables::read(
            rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))),
            5,
        )
    }

    #[test]
    fn newer_tables_are_for_those_whom_they_let_in() {
        assert_eq!(read("5", Some("5")), Tables::Current);
        assert_eq!(read("5", None), Tables::Current);
        assert_eq!(read("4", None), Tables::Older(4));
        assert_eq!(read("7", Some("5")), Tables::Newer(7));
        for (version, compatible_from) in
            [("7", Some("6")), ("7", None), ("7", Some("x")), ("0", None), ("x", Some("1"))]
        {
            assert_eq!(
                read(version, compatible_from),
                Tables::Unknown(version.into()),
                "{compatible_from:?}"
            );
        }
        assert_eq!(Tables::read([], 5), Tables::Unknown("unknown".into()));
    }

    #[test]
    fn a_script_holds_what_is_missing() {
        let steps = ["one;", "two;"];
        assert!(script(&steps, 0, 2).contains("one;\ntwo;\nINSERT INTO outbox_meta"));
        assert!(script(&steps, 1, 2).contains("version 1 to 2") && !script(&steps, 1, 2).contains("one;"));
        assert_eq!(script(&steps, 2, 2), "");
        assert_eq!(script(&steps, 3, 2), "");
    }
}
