//! Real processes on real files, killed at a point. They run on the real clock; the parent waits for what they report,
//! never for a time.

use std::path::Path;

use lesson_29::crashes::{CRASHES, head, row};
use shared::assert_artifact;

const PROGRAM: &str = env!("CARGO_BIN_EXE_lesson-29");

#[tokio::test]
async fn the_table_of_crashes_is_the_one_in_the_book() {
    let folder = tempfile::tempdir().unwrap();
    let (mut page, mut part) = (format!("# ANCHOR: head\n{}# ANCHOR_END: head\n", head()), "");
    for (crash, number) in CRASHES.iter().zip(1..) {
        if part != crash.part {
            page += &if part.is_empty() { String::new() } else { format!("# ANCHOR_END: {part}\n") };
            page += &format!("# ANCHOR: {}\n", crash.part);
            part = crash.part;
        }
        let folder = folder.path().join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        page += &row(crash, Path::new(PROGRAM), &folder).await.unwrap();
    }
    page += &format!("# ANCHOR_END: {part}\n");
    assert_artifact(Path::new(env!("CARGO_MANIFEST_DIR")).join("crashes.txt"), &page);
}

#[tokio::test]
async fn killed_between_publish_and_mark_the_same_id_is_published_twice() {
    let folder = tempfile::tempdir().unwrap();
    let crash = CRASHES.iter().find(|crash| crash.what.contains("between publish and mark")).unwrap();
    row(crash, Path::new(PROGRAM), folder.path()).await.unwrap();
    let stored = std::fs::read_to_string(folder.path().join("broker.txt")).unwrap();
    assert_eq!(stored, "order-1-placed\torder 1: a lamp\n".repeat(2));
}

#[tokio::test]
async fn a_child_that_is_never_killed_does_its_work_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let child = |role| {
        let mut child = tokio::process::Command::new(PROGRAM);
        child.args(["--child", role, "Nowhere"]).arg(folder.path()).kill_on_drop(true);
        async move { child.output().await.unwrap() }
    };
    for role in ["PlaceOrder", "Relay", "Warehouse"] {
        let output = child(role).await;
        assert!(output.status.success() && output.stdout.is_empty(), "{role}: {output:?}");
    }
    let again = child("PlaceOrder").await; // order 1 is there already
    assert!(!again.status.success(), "{again:?}");
}
