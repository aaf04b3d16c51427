//! `capstone doctor`: each thing is made wrong on purpose, and told.

#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Ended, run};

/// Exit code, and the level, meaning and advice of each check.
pub(crate) struct Examined {
    pub(crate) code: i32,
    findings: BTreeMap<String, Value>,
}

pub(crate) async fn examine(arguments: &[&str]) -> Examined {
    Examined::of(&run(&[&["doctor", "--json"], arguments].concat()).await)
}

impl Examined {
    pub(crate) fn of(ended: &Ended) -> Self {
        let finding = |line: &str| {
            let finding: Value = serde_json::from_str(line).unwrap();
            assert_eq!(finding.get("advice").is_some(), finding["level"] != "ok", "{line}");
            (finding["check"].as_str().unwrap().to_owned(), finding)
        };
        Self { code: ended.code, findings: ended.stdout.lines().map(finding).collect() }
    }

    /// This check has this level, and its meaning or its advice holds each of `words`.
    #[track_caller]
    pub(crate) fn says(&self, check: &str, level: &str, words: &[&str]) -> &Self {
        let finding = self.findings.get(check).unwrap_or_else(|| panic!("no {check}: {:?}", self.findings));
        let text = finding.to_string();
        assert_eq!(finding["level"], level, "{text}");
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        self
    }

    /// Whatever is not ok. How long an answer takes is up to whatever else the machine does.
    pub(crate) fn complaints(&self) -> Vec<&str> {
        let is_bad = |check: &str, finding: &Value| check != "reachable" && finding["level"] != "ok";
        self.findings
            .iter()
            .filter(|(check, finding)| is_bad(check, finding))
            .map(|(check, _)| &**check)
            .collect()
    }
}
