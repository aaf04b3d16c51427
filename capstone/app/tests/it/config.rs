//! Settings: which source beats which, and what is said of a wrong one.

use std::fs;
use std::path::Path;

use crate::support::{Ended, Place, command, ended_child, run};

/// Runs in the folder of the place, where `capstone.toml` holds this.
async fn run_beside(place: &Place, file: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    fs::write(place.path("capstone.toml"), file).unwrap();
    let mut command = command(arguments);
    command.current_dir(place.path("")).envs(environment.iter().copied());
    ended_child(command.spawn().unwrap()).await
}

/// The line of `config show` for this setting: its value, and where that comes from.
fn shown<'a>(ended: &'a Ended, name: &str) -> (&'a str, &'a str) {
    let line = ended.stdout.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let line = line.expect(name).trim();
    let (value, origin) = line.split_once(' ').expect(line);
    (value, origin.trim())
}

#[tokio::test]
async fn set_beats_the_environment_beats_the_file_beats_the_default() {
    let place = Place::new();
    let file = "[relay]\nidle_poll = \"2s\"\nfetch_rows = 7\nwindow_bytes = \"1MiB\"\n";
    let environment = [("CAPSTONE_RELAY_FETCH_ROWS", "8"), ("CAPSTONE_RELAY_WINDOW_BYTES", "2MiB")];
    let arguments = ["config", "show", "--set", "relay.window_bytes=3MiB"];
    let ended = run_beside(&place, file, &arguments, &environment).await.done();
    assert_eq!(shown(&ended, "relay.window_rows"), ("1024", "default"));
    assert_eq!(shown(&ended, "relay.idle_poll"), ("2s", "capstone.toml, line 2"));
    assert_eq!(shown(&ended, "relay.fetch_rows"), ("8", "CAPSTONE_RELAY_FETCH_ROWS"));
    assert_eq!(shown(&ended, "relay.window_bytes"), ("3MiB", "--set"));
}

#[tokio::test]
async fn the_database_is_taken_from_the_flag_then_the_environment_then_the_file() {
    let place = Place::new();
    let [flag, variable, file] = ["flag.db", "variable.db", "file.db"].map(|name| place.path(name));
    let address = |path: &Path| format!("sqlite:{}", path.display());
    let settings = "[store]\ndb = \"sqlite:file.db\"\n";
    let environment = [("CAPSTONE_DB", &*address(&variable))];
    run_beside(&place, settings, &["migrate"], &[]).await.done();
    assert_eq!([&flag, &variable, &file].map(|path| path.exists()), [false, false, true]);
    run_beside(&place, settings, &["migrate"], &environment).await.done();
    assert_eq!([&flag, &variable].map(|path| path.exists()), [false, true]);
    run_beside(&place, settings, &["migrate", "--db", &address(&flag)], &environment).await.done();
    assert!(flag.exists());
    // Without any of them it has to be said.
    let ended = run_beside(&place, "", &["migrate"], &[]).await;
    assert!(ended.code == 2 && ended.stderr.contains("--db"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_setting_reaches_the_relay() {
    let place = Place::new();
    let settings = "[store]\ndb = \"sqlite:shop.db\"\n[relay]\nlease_ttl = \"1h\"\n";
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    // The default of lease_ttl would not do for this timeout.
    let arguments = ["relay", "--sink", "stdout", "--until-empty", "--set", "relay.publish_timeout=10m"];
    let ended = run_beside(&place, settings, &arguments, &[]).await.done();
    assert_eq!((ended.stdout.lines().count(), ended.stderr.trim()), (1, "relayed 1"));
    // Two rows fit a window of one only one after the other; both arrive.
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n{\"topic\":\"b\",\"payload\":2}\n").await.done();
    let settings = "[store]\ndb = \"sqlite:shop.db\"\n[relay]\nwindow_rows = 1\n";
    let ended =
        run_beside(&place, settings, &["relay", "--sink", "stdout", "--until-empty"], &[]).await.done();
    assert_eq!(ended.stdout.lines().count(), 2);
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_file_and_line() {
    let place = Place::new();
    for (file, words) in [
        (
            "\n[relay]\nidle_pol = \"1s\"\n",
            &["capstone.toml, line 3", "relay.idle_pol;", "nearest is relay.idle_poll"][..],
        ),
        ("[rely]\nidle_poll = \"1s\"\n", &["line 1", "[rely]", "nearest is [relay]"]),
        ("db = \"sqlite:s3cret\"\n", &["line 1", "no setting db", "store.db"]),
        ("[relay]\nidle_poll = 1\n", &["line 2: relay.idle_poll", "\"250ms\"", "not \"1\""]),
        ("[relay]\nidle_poll = [\"1s\"]\n", &["line 2: relay.idle_poll", "one text or one whole number"]),
        ("[relay]\nfetch_rows = 0\n", &["line 2: relay.fetch_rows", "whole number from 1"]),
        ("[retry]\nkeyed = \"drop\"\n", &["line 2: retry.keyed", "park or dead-letter", "drop"]),
        ("[log]\nlevel = \"loud\"\n", &["line 2: log.level", "warn or info", "loud"]),
        ("[store]\ndb = \"mysql://u:s3cret@h/d\"\n", &["line 2: store.db", "sqlite:PATH"]),
        ("[listen]\n\ntoken = \"\"\n", &["line 3: listen.token", "1 to 256 bytes"]),
        ("[relay]\nlease_ttl = \"5s\"\n", &["lease_ttl 5s is shorter than", "7.5s"]),
        ("[relay]\nfetch_rows = 1\nfetch_rows = 2\n", &["line 3", "duplicate key"]),
        ("[store]\ndb = \"postgres://u:s3cret@h\n", &["line 2", "string"]),
        ("[listen]\nusers = \"s3cret\"\n", &["line 2: listen.users: write [[listen.users]]"]),
        ("[[listen.users]]\nuser = \"u\"\n", &["line 1: listen.users: write a user with a password"]),
        (
            "[[listen.users]]\nuser = \"u\"\npasword = \"s3cret\"\n",
            &["line 3", "users.pasword;", "users.password"],
        ),
        (
            "[[listen.users]]\nuser = \"u\"\npassword = [\"s3cret\"]\n",
            &["line 3: listen.users.password: write a text"],
        ),
        ("[[listen.users]]\ntoken = \"\"\n", &["line 2: listen.users.token: write 1 to 256 bytes"]),
        ("[[listen.users]]\ntoken = \"s3cret\"\nuser = \"u\"\n", &["line 1", "or a token"]),
        (
            "[[listen.users]]\ntoken = \"s3cret\"\npermissions.publish = [\"a.b\", \"a..b\"]\n",
            &["line 3: listen.users.permissions", "token 2 is empty"],
        ),
        (
            "[[listen.users]]\ntoken = \"s3cret\"\npermissions.publish.alow = []\n",
            &["line 3", "nearest is", "allow"],
        ),
        ("[listen]\nmax_payload = \"1MB\"\n", &["line 2: listen.max_payload", "\"16MiB\""]),
    ] {
        let ended = run_beside(&place, file, &["topic", "match", "a", "a"], &[]).await;
        assert_eq!((ended.code, ended.stderr.lines().count()), (2, 1), "{file}: {}", ended.stderr);
        for word in words {
            assert!(ended.stderr.contains(word), "{file}: {word:?} is missing: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    }
    let ended =
        run_beside(&place, "", &["topic", "match", "a", "a"], &[("CAPSTONE_RETRY_BASE", "soon")]).await;
    assert!(
        ended.code == 2 && ended.stderr.contains("CAPSTONE_RETRY_BASE: retry.base: write"),
        "{}",
        ended.stderr
    );
    for (set, word) in [
        ("relay.fetch_rows", "SECTION.NAME=VALUE"),
        ("relay.fetch_row=1", "nearest is relay.fetch_rows"),
        ("store.db=sqlite:a", "--db"),
    ] {
        let ended = run(&["--set", set, "topic", "match", "a", "a"]).await;
        assert!(ended.code == 2 && ended.stderr.contains(word), "{}", ended.stderr);
    }
    let missing = run(&["--config", "missing.toml", "topic", "match", "a", "a"]).await;
    assert!(missing.code == 2 && missing.stderr.contains("missing.toml: No such file"), "{}", missing.stderr);
}

#[tokio::test]
async fn help_is_there_whatever_the_file_says() {
    let place = Place::new();
    let ended = run_beside(&place, "no toml", &["relay", "--help"], &[]).await.done();
    assert!(ended.stdout.contains("--config"), "{}", ended.stdout);
}

#[tokio::test]
async fn no_secret_is_shown() {
    let place = Place::new();
    let file = "[listen]\ntoken = \"s3cret\"\n[http]\ntoken = \"s3cret\"\n";
    let ended = run_beside(&place, file, &["config", "show"], &[]).await.done();
    assert_eq!(shown(&ended, "listen.token"), ("(hidden)", "capstone.toml, line 2"));
    assert_eq!(shown(&ended, "http.token"), ("(hidden)", "capstone.toml, line 4"));
    assert!(!ended.stdout.contains("s3cret"));
    #[cfg(feature = "postgres")]
    {
        let environment = [("CAPSTONE_DB", "postgres://anna:s3cret@localhost/shop")];
        let ended = run_beside(&place, file, &["config", "show"], &environment).await.done();
        assert_eq!(shown(&ended, "store.db"), ("postgres://localhost:5432/shop", "CAPSTONE_DB"));
        assert!(!ended.stdout.contains("s3cret"));
    }
}

#[tokio::test]
async fn the_sample_has_every_setting_with_its_default() {
    let place = Place::new();
    let sample = run(&["config", "sample"]).await.done().stdout;
    let defaults = run_beside(&place, "", &["config", "show"], &[]).await.done();
    let sampled = run_beside(&place, &sample, &["config", "show"], &[]).await.done();
    for line in defaults.stdout.lines() {
        let name = line.split(' ').next().unwrap();
        let (value, from) = shown(&sampled, name);
        assert_eq!(value, shown(&defaults, name).0, "{name}");
        let (section, key) = name.split_once('.').unwrap();
        // What has no default is a comment there.
        let text = sample.split(&format!("\n[{section}]\n")).nth(1).expect(section);
        let text = text.split("\n[").next().unwrap();
        let is_there = text.contains(&format!("\n# {key} = ")) || from.starts_with("capstone.toml");
        assert!(is_there, "{name} is missing");
    }
}
