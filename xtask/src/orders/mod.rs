//! `cargo x orders`: example messages for the capstone, the same for the same seed on every machine. Orders, payments,
//! uploads and notifications of a small shop, a JSON object a line, as `capstone enqueue` reads them.

mod ids;
mod names;
mod shop;

use std::collections::BTreeMap;

use serde::Serialize;

use ids::Ids;
use shop::{Shop, Step};

/// The generator of the file that is part of the repository: `capstone/app/examples/orders.ndjson`.
pub const SEED: u64 = 42;
pub const COUNT: usize = 4000;

#[derive(Serialize)]
struct Line {
    id: String,
    topic: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    headers: BTreeMap<&'static str, String>,
    payload: Payload,
}

#[derive(Serialize)]
struct Payload {
    /// Which message of its key this is, from 1: whoever receives them can check the order. Absent without a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    at: String,
    #[serde(flatten)]
    step: Step,
}

/// `count` lines, each ended by a line break.
pub fn generate(seed: u64, count: usize) -> String {
    let mut random = SplitMix::new(seed);
    let mut ids = Ids::new();
    let mut shop = Shop::default();
    let mut counters: BTreeMap<String, u32> = BTreeMap::new();
    let mut lines = String::new();
    for _ in 0..count {
        let event = shop.next(&mut random);
        ids.pass(1 + random.below(1500));
        let n = event.key.as_ref().map(|key| {
            let counter = counters.entry(key.clone()).or_insert(0);
            *counter += 1;
            *counter
        });
        let line = Line {
            id: ids.message(&mut random),
            topic: event.topic,
            key: event.key,
            headers: BTreeMap::from([
                ("content-type", "application/json".to_owned()),
                ("source", event.source.to_owned()),
                ("traceparent", ids::traceparent(event.trace, &mut random)),
            ]),
            payload: Payload { n, at: ids.time(), step: event.step },
        };
        lines += &serde_json::to_string(&line).expect("strings and numbers are always JSON");
        lines.push('\n');
    }
    lines
}

/// Steele, Lea and Flood's splitmix64: ten lines, and the same numbers for ever.
pub(crate) struct SplitMix(u64);

impl SplitMix {
    pub(crate) fn new(seed: u64) -> SplitMix {
        SplitMix(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; the tiny bias of the remainder does not matter for examples.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::text;

    #[test]
    fn splitmix_gives_its_published_numbers() {
        let mut random = SplitMix::new(1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn the_file_of_the_repository_is_what_is_generated() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let path = root.join("capstone/app/examples/orders.ndjson");
        let same = text::read(&path).unwrap() == generate(SEED, COUNT);
        assert!(same, "write it anew: cargo x orders --out capstone/app/examples/orders.ndjson");
    }

    #[test]
    fn the_seed_decides_and_a_shorter_run_is_a_beginning() {
        let long = generate(7, 200);
        assert_ne!(long, generate(8, 200));
        assert!(long.starts_with(&generate(7, 50)));
    }

    fn lines() -> Vec<Value> {
        generate(SEED, COUNT).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_key_counts_from_one_in_the_order_of_the_file() {
        let mut counters: BTreeMap<String, u64> = BTreeMap::new();
        for line in lines() {
            let n = line["payload"].get("n").and_then(Value::as_u64);
            let Some(key) = line.get("key") else {
                assert_eq!(n, None, "{line}");
                continue;
            };
            let counter = counters.entry(key.as_str().unwrap().to_owned()).or_default();
            *counter += 1;
            assert_eq!(n, Some(*counter), "{line}");
        }
        assert!(counters.len() >= 300, "{} keys", counters.len());
        assert!(counters.values().any(|&count| count >= 10));
    }

    #[test]
    fn ids_are_uuids_of_version_7_each_once_and_rising() {
        let ids: Vec<String> = lines().iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect();
        for id in &ids {
            let dashes: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
            assert_eq!((id.len(), dashes), (36, vec![8, 13, 18, 23]), "{id}");
            assert!(
                id.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
                "{id}"
            );
            assert_eq!(&id[14..15], "7", "{id}");
            assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        }
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), COUNT);
        assert!(ids.is_sorted());
    }

    #[test]
    fn topics_are_tokens_and_all_kinds_occur() {
        let mut topics = BTreeSet::new();
        for line in lines() {
            let topic = line["topic"].as_str().unwrap().to_owned();
            let token =
                |token: &str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(topic.split('.').all(token), "{topic}");
            topics.insert(topic);
        }
        for topic in
            ["orders.created", "orders.paid", "payments.captured", "uploads.completed", "notifications.sent"]
        {
            assert!(topics.contains(topic), "{topic}");
        }
    }

    #[test]
    fn some_have_no_key_some_speak_other_languages_and_money_is_whole() {
        let file = generate(SEED, COUNT);
        assert!(!file.is_ascii());
        let lines = lines();
        let keyless = lines.iter().filter(|line| line.get("key").is_none());
        assert!(keyless.clone().count() > 100);
        assert!(
            keyless.into_iter().all(|line| line["topic"].as_str().unwrap().starts_with("notifications."))
        );
        let amounts = lines.iter().filter_map(|line| line["payload"].get("amount_cents"));
        assert!(amounts.clone().count() > 1000);
        assert!(amounts.into_iter().all(|amount| amount.as_u64().is_some_and(|cents| cents > 0)));
        for line in &lines {
            assert!(line["headers"].as_object().unwrap().values().all(Value::is_string), "{line}");
        }
    }
}
