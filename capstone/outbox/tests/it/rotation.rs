//! What becomes of the file sink's file: rotated, removed, cut, replaced by something else, and full.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use capstone_outbox::sink::FileSink;
use capstone_outbox::{Envelope, Sink, SinkError};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::support::{self, attempt};

fn envelope(seq: i64, payload: String) -> Envelope {
    support::envelope(seq, "orders.created", "", "{}", payload.as_bytes())
}

/// A sink in a folder of its own.
struct Bench {
    folder: TempDir,
    sink: FileSink,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sink = FileSink::open(folder.path().join("out")).unwrap();
        Self { folder, sink }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    async fn try_publish(&self, number: i64) -> Result<(), SinkError> {
        self.sink.publish(&envelope(number, number.to_string()), attempt()).await
    }

    async fn publish(&self, number: i64) {
        self.try_publish(number).await.unwrap();
    }

    /// Not now, and the file is named.
    async fn waits(&self, number: i64, words: &str) {
        let refused = self.try_publish(number).await;
        let Err(SinkError::Unavailable(text)) = refused else { panic!("{refused:?}") };
        assert!(text.starts_with(&*self.path("out").to_string_lossy()) && text.contains(words), "{text}");
    }

    /// The numbers in a file of whole lines.
    fn numbers(&self, name: &str) -> Vec<i64> {
        numbers(&fs::read_to_string(self.path(name)).unwrap())
    }
}

#[track_caller]
fn numbers(text: &str) -> Vec<i64> {
    assert!(text.is_empty() || text.ends_with('\n'), "half a line: {text}");
    let number = |line| serde_json::from_str::<serde_json::Value>(line).expect(line)["seq"].as_i64().unwrap();
    text.lines().map(number).collect()
}

#[tokio::test]
async fn a_renamed_file_keeps_what_it_has_and_the_rest_goes_into_a_new_one() {
    let bench = Bench::new();
    bench.publish(1).await;
    bench.rename("out", "out.1");
    bench.publish(2).await;
    // As logrotate does with `create`.
    bench.rename("out", "out.2");
    File::create(bench.path("out")).unwrap();
    bench.publish(3).await;
    bench.publish(4).await;
    assert_eq!(["out.1", "out.2", "out"].map(|name| bench.numbers(name)), [vec![1], vec![2], vec![3, 4]]);
}

#[tokio::test]
async fn a_removed_file_is_made_again() {
    let bench = Bench::new();
    bench.publish(1).await;
    fs::remove_file(bench.path("out")).unwrap();
    bench.publish(2).await;
    assert_eq!(bench.numbers("out"), [2]);
}

#[tokio::test]
async fn a_file_that_was_cut_is_written_from_its_new_end() {
    let bench = Bench::new();
    bench.publish(1).await;
    // As logrotate does with `copytruncate`.
    fs::copy(bench.path("out"), bench.path("out.1")).unwrap();
    File::create(bench.path("out")).unwrap();
    bench.publish(2).await;
    assert_eq!(["out.1", "out"].map(|name| bench.numbers(name)), [[1], [2]]);
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_waited_for() {
    let bench = Bench::new();
    fs::create_dir(bench.path("logs")).unwrap();
    let path = bench.path("logs/out");
    let sink = FileSink::open(&path).unwrap();
    let publish = async |number| sink.publish(&envelope(number, String::new()), attempt()).await;
    publish(1).await.unwrap();
    bench.rename("logs", "gone");
    let refused = publish(2).await;
    assert!(
        matches!(&refused, Err(SinkError::Unavailable(text)) if text.starts_with(&*path.to_string_lossy())),
        "{refused:?}"
    );
    fs::create_dir(bench.path("logs")).unwrap();
    publish(2).await.unwrap();
    assert_eq!(["gone/out", "logs/out"].map(|name| bench.numbers(name)), [[1], [2]]);
}

#[tokio::test]
async fn a_new_file_has_one_writer_too() {
    let bench = Bench::new();
    bench.publish(1).await;
    bench.rename("out", "out.1");
    let other = FileSink::open(bench.path("out")).unwrap();
    bench.waits(2, "another process writes to it").await;
    drop(other);
    bench.publish(2).await;
    assert_eq!(["out.1", "out"].map(|name| bench.numbers(name)), [[1], [2]]);
}

#[tokio::test]
async fn a_new_file_that_is_not_ours_is_left_alone() {
    let bench = Bench::new();
    bench.rename("out", "out.1");
    fs::write(bench.path("out"), "Dear reader").unwrap();
    bench.waits(1, "not a message").await;
    assert_eq!(fs::read_to_string(bench.path("out")).unwrap(), "Dear reader");
}

/// What is acknowledged is in the file before it is renamed, or in the next one: whoever reads a renamed file to its end and
/// then removes it, as a compressor does, has all of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_rotated_all_the_time_loses_nothing() {
    const MESSAGES: i64 = 1_000;
    let bench = Bench::new();
    let (path, rotated) = (bench.path("out"), bench.path("out.1"));
    // The number that is being published: once for each the file is rotated, at any moment of it.
    let (begun, at_work) = watch::channel(0);
    let rotator = tokio::task::spawn_blocking(move || {
        let (mut last, mut kept) = (0, Vec::new());
        loop {
            let number = *at_work.borrow();
            if number > MESSAGES {
                return kept;
            }
            (0..fastrand::u32(0..100)).for_each(|_| std::thread::yield_now());
            if number > last && fs::rename(&path, &rotated).is_ok() {
                kept.push(fs::read_to_string(&rotated).unwrap());
                fs::remove_file(&rotated).unwrap();
                last = number;
            }
        }
    });
    for number in 1..=MESSAGES {
        begun.send_replace(number);
        let outcome = bench.try_publish(number).await;
        if outcome.is_err() {
            begun.send_replace(MESSAGES + 1);
        }
        outcome.unwrap();
    }
    begun.send_replace(MESSAGES + 1);
    let kept = rotator.await.unwrap();
    assert!(kept.len() > 100, "rotated {} times", kept.len());

    // Half a line at the end is what was being written when the file was read, and was not acknowledged there.
    let whole = |text: &str| numbers(&text[..text.rfind('\n').map_or(0, |end| end + 1)]);
    let mut found: HashSet<i64> = kept.iter().flat_map(|text| whole(text)).collect();
    if bench.path("out").exists() {
        found.extend(bench.numbers("out"));
    }
    let lost: Vec<i64> = (1..=MESSAGES).filter(|number| !found.contains(number)).collect();
    assert!(lost.is_empty(), "{lost:?}: acknowledged, and in no file; rotated {} times", kept.len());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_regular_file_is_refused_and_named() {
    let bench = Bench::new();
    let pipe = bench.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let socket = bench.path("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let link = bench.path("link");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    let refused = [
        (&*pipe, "a pipe"),
        (&link, "a pipe"),
        (&socket, "a socket"),
        (bench.folder.path(), "a directory"),
        (Path::new("/dev/null"), "a device"),
    ];
    for (path, kind) in refused {
        let error = FileSink::open(path).err().expect("refused").to_string();
        assert!(error.starts_with(&format!("{}: is {kind}, not a regular file", path.display())), "{error}");
    }
    // It comes in place of the file that was open.
    bench.publish(1).await;
    fs::rename(&pipe, bench.path("out")).unwrap();
    bench.waits(2, "is a pipe").await;
}

/// The test itself, in a process whose files cannot grow beyond some KiB: a write stops in the middle, as on a full disk.
#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_waited_for_and_leaves_no_half_line() {
    const NAME: &str = "rotation::a_full_disk_is_waited_for_and_leaves_no_half_line";
    const LIMITED: &str = "CAPSTONE_TEST_LIMITED";
    if std::env::var_os(LIMITED).is_none() {
        let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" --exact \"$1\" --nocapture";
        let mut limited = tokio::process::Command::new("sh");
        limited.args(["-c", script]).arg(std::env::current_exe().unwrap()).arg(NAME).env(LIMITED, "1");
        let output = limited.output().await.unwrap();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}{stderr}");
        return;
    }
    let bench = Bench::new();
    let publish = async |number| bench.sink.publish(&envelope(number, "x".repeat(1_000)), attempt()).await;
    let fill = async |first: i64| {
        for number in first.. {
            match publish(number).await {
                Ok(()) => {}
                Err(SinkError::Unavailable(text)) => {
                    assert_eq!(
                        text,
                        format!("{}: File too large (os error 27)", bench.path("out").display())
                    );
                    return number;
                }
                Err(error) => panic!("{error}"),
            }
        }
        unreachable!("it is full at last")
    };
    let full = fill(1).await;
    let range = |first, end| (first..end).collect::<Vec<_>>();
    assert_eq!(bench.numbers("out"), range(1, full), "what was acknowledged, in whole lines");
    assert!(publish(full).await.is_err() && bench.numbers("out") == range(1, full), "still full");

    // Copied and cut while it is full: what comes next does not lie behind a gap.
    File::create(bench.path("out")).unwrap();
    assert!(bench.numbers("out").is_empty());
    let next = fill(full).await;
    assert_eq!(bench.numbers("out"), range(full, next));

    bench.rename("out", "out.1");
    publish(next).await.unwrap();
    assert_eq!((bench.numbers("out.1"), bench.numbers("out")), (range(full, next), vec![next]));
}
