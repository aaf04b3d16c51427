//! Ledgers written by hand, one fault each, and the whole verdict that they deserve.

use super::*;

/// A committed ledger of lines `id key seq outcome`; `-` is no key. The checksum is that of the id.
fn check(
    subscribers: &[(&str, Kind)],
    duplicates_max: u64,
    committed: &[&str],
    delivered: &[&str],
) -> Checker {
    let subscribers = subscribers.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    let mut checker = Checker::new(Expectation { subscribers, duplicates_max });
    for line in committed {
        let words: Vec<&str> = line.split(' ').collect();
        let outcome = match words[3] {
            "ok" => Outcome::Committed,
            "back" => Outcome::RolledBack,
            "?" => Outcome::Unknown,
            other => panic!("{other}"),
        };
        checker.committed(commit(words[0], words[1], words[2], outcome)).expect("no contradiction");
    }
    for line in delivered {
        checker.delivered(delivery(line)).expect("no contradiction");
    }
    checker
}

fn key(word: &str) -> Option<String> {
    (word != "-").then(|| word.to_owned())
}

fn commit(id: &str, key_word: &str, seq: &str, outcome: Outcome) -> Committed {
    let (seq, crc32) = (seq.parse().expect("a number"), crc32fast::hash(id.as_bytes()));
    Committed { id: id.to_owned(), key: key(key_word), seq, crc32, outcome }
}

/// `subscriber id key seq`, and `bad` for a wrong checksum.
fn delivery(line: &str) -> Delivered {
    let words: Vec<&str> = line.split(' ').collect();
    let crc32 = crc32fast::hash(words[1].as_bytes()) ^ u32::from(words.get(4) == Some(&"bad"));
    let seq = words[3].parse().expect("a number");
    Delivered { subscriber: words[0].to_owned(), id: words[1].to_owned(), key: key(words[2]), seq, crc32 }
}

const ORDERED: &[(&str, Kind)] = &[("s", Kind::Ordered)];
const GROUP: &[(&str, Kind)] = &[("s", Kind::QueueGroup)];
const LOSSY: &[(&str, Kind)] = &[("s", Kind::Lossy)];

/// Three messages of one key, one of them rolled back, and one without a key.
const COMMITTED: &[&str] = &["a k 1 ok", "b k 2 back", "c k 3 ok", "d k 4 ok", "e - 0 ok"];

#[track_caller]
fn is(checker: &Checker, expected: &str) {
    assert_eq!(checker.verdict().to_string().trim_end(), expected);
    assert_eq!(checker.verdict().holds, expected.starts_with("every promise was kept"));
}

/// Only the line of the subscriber, and where to look first.
#[track_caller]
fn says(checker: &Checker, expected: &[&str]) {
    let verdict = checker.verdict().to_string();
    let told = verdict.lines().filter(|line| line.starts_with(['s', ' ']) || line.starts_with("first"));
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn a_clean_run() {
    let delivered = ["s a k 1", "s e - 0", "s c k 3", "s d k 4"];
    let mut checker = check(ORDERED, 0, COMMITTED, &delivered);
    checker.fault(Fault { at_ms: 5, kind: "kill".into() });
    checker.fault(Fault { at_ms: 9, kind: "kill".into() });
    is(
        &checker,
        "every promise was kept\n\
         committed 4, rolled back 1, unknown 0\n\
         fault kill: 2\n\
         s: in order; delivered 4, lost 0, invented 0, out of order 0, duplicates 0, corrupted 0, gaps 0\n\
         allowed duplicates per subscriber: 0",
    );
}

#[test]
fn the_order_between_the_ledgers_does_not_matter() {
    let mut checker = check(ORDERED, 0, &[], &["s a k 1", "s c k 3"]);
    assert_eq!(checker.verdict().invented, 2, "as far as is known");
    checker.committed(commit("a", "k", "1", Outcome::Committed)).expect("no contradiction");
    checker.committed(commit("c", "k", "3", Outcome::Committed)).expect("no contradiction");
    assert!(checker.verdict().holds);
}

#[test]
fn lost() {
    let committed = ["a k 1 ok", "b k 2 ok", "c k 3 ok", "d k 4 ok", "x l 1 ok", "e k 5 ok"];
    let checker = check(ORDERED, 0, &committed, &["s a k 1", "s x l 1", "s d k 4", "s e k 5"]);
    is(
        &checker,
        "a promise was BROKEN\n\
         committed 6, rolled back 0, unknown 0\n\
         s: in order; delivered 4, lost 2, invented 0, out of order 0, duplicates 0, corrupted 0, gaps 0\n\
         allowed duplicates per subscriber: 0\n\
         first problem: lost, subscriber s, key k, seq 2 to 3\n  \
           seq 1 id a crc32 e8b7be43: committed (line 1), delivered (line 1)\n  \
           seq 2 id b crc32 71beeff9: committed (line 2), not delivered\n  \
           seq 3 id c crc32 06b9df6f: committed (line 3), not delivered\n  \
           seq 4 id d crc32 98dd4acc: committed (line 4), delivered (line 3)\n  \
           seq 5 id e crc32 efda7a5a: committed (line 6), delivered (line 4)",
    );
}

#[test]
fn lost_without_a_key_and_at_the_end() {
    let checker = check(GROUP, 0, COMMITTED, &["s a k 1", "s c k 3", "s d k 4"]);
    says(
        &checker,
        &[
            "s: queue group; delivered 3, lost 1, invented 0, out of order 0, duplicates 0, corrupted 0, gaps 0",
            "first problem: lost, subscriber s, no key",
            "  seq 0 id e crc32 efda7a5a: committed (line 5), not delivered",
        ],
    );
}

#[test]
fn dead_letters_and_parked_keys_are_no_loss_and_may_come_late() {
    let committed = ["a k 1 ok", "b k 2 ok", "c l 1 ok", "d l 2 ok", "e m 1 ok", "f m 2 ok"];
    let delivered = ["s b k 2", "s c l 1", "s f m 2", "s e m 1"];
    let mut checker = check(ORDERED, 0, &committed, &delivered);
    assert_eq!((checker.verdict().lost, checker.verdict().out_of_order), (2, 1));
    checker.dead_lettered("a");
    checker.parked("l");
    checker.dead_lettered("e");
    assert!(checker.verdict().holds);
}

#[test]
fn rolled_back_and_never_committed_are_invented() {
    let delivered = ["s a k 1", "s b k 2", "s c k 3", "s d k 4", "s e - 0", "s ghost k 9"];
    let checker = check(ORDERED, 0, COMMITTED, &delivered);
    says(
        &checker,
        &[
            "s: in order; delivered 6, lost 0, invented 2, out of order 0, duplicates 0, corrupted 0, gaps 0",
            "first problem: invented, subscriber s, key k, seq 2 to 2",
            "  seq 1 id a crc32 e8b7be43: committed (line 1), delivered (line 1)",
            "  seq 2 id b crc32 71beeff9: rolled back (line 2), delivered (line 2)",
            "  seq 3 id c crc32 06b9df6f: committed (line 3), delivered (line 3)",
            "  seq 4 id d crc32 98dd4acc: committed (line 4), delivered (line 4)",
        ],
    );
}

#[test]
fn what_nobody_knows_arrives_everywhere_or_nowhere() {
    let subscribers = &[("s", Kind::Ordered), ("t", Kind::QueueGroup)];
    assert!(check(subscribers, 0, &["a k 1 ?"], &[]).verdict().holds);
    assert!(check(subscribers, 0, &["a k 1 ?"], &["s a k 1", "t a k 1"]).verdict().holds);
    let checker = check(subscribers, 0, &["a k 1 ?"], &["s a k 1"]);
    says(
        &checker,
        &[
            "s: in order; delivered 1, lost 0, invented 0, out of order 0, duplicates 0, corrupted 0, gaps 0",
            "first problem: lost, subscriber t, key k, seq 1 to 1",
            "  seq 1 id a crc32 e8b7be43: outcome unknown (line 1), not delivered",
        ],
    );
}

#[test]
fn out_of_order() {
    let delivered = ["s e - 0", "s a k 1", "s d k 4", "s c k 3"];
    says(
        &check(ORDERED, 0, COMMITTED, &delivered),
        &[
            "s: in order; delivered 4, lost 0, invented 0, out of order 1, duplicates 0, corrupted 0, gaps 0",
            "first problem: out of order, subscriber s, key k, seq 3 to 4",
            "  seq 1 id a crc32 e8b7be43: committed (line 1), delivered (line 2)",
            "  seq 2 id b crc32 71beeff9: rolled back (line 2), not delivered",
            "  seq 3 id c crc32 06b9df6f: committed (line 3), delivered (line 4)",
            "  seq 4 id d crc32 98dd4acc: committed (line 4), delivered (line 3)",
        ],
    );
    assert!(
        check(GROUP, 0, COMMITTED, &delivered).verdict().holds,
        "the members of a group finish as they like"
    );
    assert_eq!(check(LOSSY, 0, COMMITTED, &delivered).verdict().out_of_order, 1);
}

#[test]
fn duplicates_up_to_the_bound_and_beyond() {
    // Killed after `c`, and resumed from `a`.
    let delivered = ["s a k 1", "s c k 3", "s a k 1", "s c k 3", "s d k 4", "s e - 0"];
    for subscribers in [ORDERED, GROUP] {
        let checker = check(subscribers, 2, COMMITTED, &delivered);
        assert!(checker.verdict().holds);
        assert_eq!((checker.verdict().duplicates, checker.verdict().delivered), (2, 6));
    }
    says(
        &check(ORDERED, 1, COMMITTED, &delivered),
        &[
            "s: in order; delivered 6, lost 0, invented 0, out of order 0, duplicates 2, corrupted 0, gaps 0",
            "first problem: delivered too often, subscriber s, key k, seq 3 to 3",
            "  seq 1 id a crc32 e8b7be43: committed (line 1), delivered (line 1)",
            "  seq 2 id b crc32 71beeff9: rolled back (line 2), not delivered",
            "  seq 3 id c crc32 06b9df6f: committed (line 3), delivered (line 2)",
            "  seq 4 id d crc32 98dd4acc: committed (line 4), delivered (line 5)",
        ],
    );
}

#[test]
fn corrupted_in_payload_key_or_number() {
    let committed = ["a - 0 ok", "b k 1 ok", "c k 2 ok"];
    let checker = check(ORDERED, 0, &committed, &["s a - 0 bad", "s b l 1", "s c k 3"]);
    says(
        &checker,
        &[
            "s: in order; delivered 3, lost 0, invented 0, out of order 0, duplicates 0, corrupted 3, gaps 0",
            "first problem: corrupted, subscriber s, no key",
            "  seq 0 id a crc32 e8b7be43: committed (line 1), delivered (line 1)",
            "  id a arrived as key -, seq 0, crc32 e8b7be42",
        ],
    );
    let mut early = check(ORDERED, 0, &[], &["s a - 0 bad"]);
    early.committed(commit("a", "-", "0", Outcome::Committed)).expect("no contradiction");
    assert_eq!(early.verdict().corrupted, 1);
}

#[test]
fn a_lossy_subscriber_may_miss_and_may_not_make_up() {
    is(
        &check(LOSSY, 0, COMMITTED, &["s a k 1", "s d k 4"]),
        "every promise was kept\n\
         committed 4, rolled back 1, unknown 0\n\
         s: may miss messages; delivered 2, lost 0, invented 0, out of order 0, duplicates 0, corrupted 0, gaps 2\n\
         allowed duplicates per subscriber: 0",
    );
    assert_eq!(check(LOSSY, 0, COMMITTED, &["s b k 2"]).verdict().invented, 1);
}

#[test]
fn a_long_window_is_cut_and_the_shortest_comes_first() {
    let committed: Vec<String> = (1..=50).map(|seq| format!("m{seq} k {seq} ok")).collect();
    let committed: Vec<&str> = committed.iter().map(String::as_str).collect();
    let problem = check(ORDERED, 0, &committed, &[]).verdict().first_problem.expect("all are lost");
    assert_eq!((problem.seq_first, problem.seq_last, problem.lines.len()), (1, 50, 11));
    assert!(problem.lines[4].starts_with("seq 5 ") && problem.lines[6].starts_with("seq 46 "));
    assert_eq!(problem.lines[5], "… 40 more");

    let late = ["s a k 1", "s d k 4", "s c k 3", "s e - 0 bad"];
    let problem = check(ORDERED, 0, COMMITTED, &late).verdict().first_problem.expect("two problems");
    assert_eq!(problem.symptom, Symptom::Corrupted);
}

#[test]
fn a_workload_that_contradicts_itself_is_refused() {
    let mut checker = check(ORDERED, 0, &["a k 1 ok", "b k 5 ok"], &[]);
    let mut refused = |id, seq, expected: &str| {
        let error = checker.committed(commit(id, "k", seq, Outcome::Committed)).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    refused("a", "6", r#"committed record 3: id "a" is there already"#);
    refused("c", "5", r#"committed record 4: key "k" has seq 5 after 5"#);
    let error = checker.delivered(delivery("nobody a k 1")).expect_err("not expected");
    assert_eq!(error.to_string(), r#"delivered record 1: subscriber "nobody" is not in the expectation"#);
    assert_eq!(checker.verdict().committed, 2);
}

#[test]
fn what_is_appended_is_read_back() {
    let committed = vec![commit("a", "k", "1", Outcome::RolledBack), commit("b", "-", "0", Outcome::Unknown)];
    let mut file = Vec::new();
    committed.iter().for_each(|record| append(&mut file, record).expect("a Vec takes everything"));
    assert_eq!(
        String::from_utf8_lossy(&file),
        "{\"id\":\"a\",\"key\":\"k\",\"seq\":1,\"crc32\":3904355907,\"outcome\":\"rolled_back\"}\n\
         {\"id\":\"b\",\"seq\":0,\"crc32\":1908338681,\"outcome\":\"unknown\"}\n"
    );
    assert_eq!(
        read::<Committed>("c", &file[..]).collect::<Result<Vec<_>, _>>().expect("well formed"),
        committed
    );
}

#[test]
fn an_error_names_file_line_and_field() {
    #[track_caller]
    fn refused<T: Record + std::fmt::Debug>(second_line: &str, expected: &str) {
        let text = format!("{{\"at_ms\":5,\"kind\":\"kill\"}}\n{second_line}\n");
        let error =
            read::<T>("run/x.ndjson", text.as_bytes()).nth(1).expect("two lines").expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
    refused::<Fault>(r#"{"at_ms":5}"#, r#"run/x.ndjson, line 2, field "kind": is missing"#);
    refused::<Fault>(
        r#"{"at_ms":"5","kind":"kill"}"#,
        r#"run/x.ndjson, line 2, field "at_ms": invalid type: string "5", expected u64"#,
    );
    refused::<Fault>(r#"{"at_ms":5,"kind":"kill","x":1}"#, r#"run/x.ndjson, line 2, field "x": is unknown"#);
    refused::<Fault>(
        r#"{"at_ms":5,"ki"#,
        "run/x.ndjson, line 2: EOF while parsing a string at line 1 column 14",
    );
    refused::<Committed>(
        r#"{"id":"a","key":"k","crc32":1,"outcome":"committed"}"#,
        r#"run/x.ndjson, line 2, field "seq": is missing, and there is a key"#,
    );
    refused::<Delivered>(
        r#"{"subscriber":"s","id":"a","key":"k","seq":0,"crc32":1}"#,
        r#"run/x.ndjson, line 2, field "seq": is 0, and counts from 1"#,
    );
}

#[test]
fn the_verdict_is_one_json_object() {
    let checker = check(ORDERED, 3, &["a k 1 ok"], &[]);
    assert_eq!(
        serde_json::to_value(checker.verdict()).expect("serializable"),
        serde_json::json!({
            "holds": false, "committed": 1, "rolled_back": 0, "unknown": 0, "delivered": 0, "lost": 1,
            "invented": 0, "out_of_order": 0, "duplicates": 0, "corrupted": 0, "gaps": 0,
            "duplicates_max": 3, "faults": {},
            "subscribers": { "s": { "kind": "ordered", "delivered": 0, "lost": 1, "invented": 0,
                "out_of_order": 0, "duplicates": 0, "corrupted": 0, "gaps": 0 } },
            "first_problem": { "symptom": "lost", "subscriber": "s", "key": "k", "seq_first": 1, "seq_last": 1,
                "lines": ["seq 1 id a crc32 e8b7be43: committed (line 1), not delivered"] },
        })
    );
}
