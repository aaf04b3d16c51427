//! What does not compile, and the compiler's message, which the book shows. The programs are compiled here against a
//! stand-in for Tokio, which takes a moment; the doctests of the lesson show that Tokio itself refuses them too.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::rc::Rc;

use shared::assert_artifact;
use tokio::task::yield_now;

#[test]
fn wrong_a_task_must_not_borrow_from_the_function_that_spawns_it() {
    assert_refused("borrowed", "error[E0597]: `event` does not live long enough");
}

#[test]
fn wrong_a_task_must_not_hold_an_rc_across_an_await() {
    assert_refused("not_send", "error: future cannot be sent between threads safely");
}

#[tokio::test(start_paused = true)]
async fn a_task_may_use_an_rc_between_two_awaits() {
    let task = tokio::spawn(async {
        yield_now().await;
        let length = Rc::<str>::from("report.pdf").len(); // the `Rc` is gone before the next await
        yield_now().await;
        length
    });
    assert_eq!(task.await.unwrap(), 10);
}

/// Compiles `NAME.rs` and compares the message with `NAME.txt`. A compiler of another version may word it differently:
/// then only the first line is compared.
#[track_caller]
fn assert_refused(name: &str, first_line: &str) {
    let library = tempfile::tempdir().unwrap();
    let stand_in = compile("tokio.rs", library.path(), &[]);
    assert!(stand_in.status.success(), "{}", String::from_utf8_lossy(&stand_in.stderr));

    let tokio = format!("tokio={}", library.path().join("libtokio.rmeta").display());
    let refused = compile(&format!("{name}.rs"), library.path(), &["--extern", &tokio]);
    let message = String::from_utf8(refused.stderr).unwrap();
    let (message, _) = message.split_once("\nerror: aborting").expect("it does not compile");
    assert_eq!(message.lines().next(), Some(first_line));
    if is_the_pinned_version() {
        assert_artifact(folder().join(name).with_extension("txt"), &format!("{message}\n"));
    }
}

fn compile(file: &str, library: &Path, more: &[&str]) -> Output {
    let options = ["--edition=2024", "--crate-type=lib", "--emit=metadata", "--diagnostic-width=100"];
    let mut rustc = rustc();
    rustc.current_dir(folder()).arg("--out-dir").arg(library).args(options).args(more).arg(file);
    rustc.output().expect("rustc can be started")
}

/// The compiler that belongs to the cargo of this build.
fn rustc() -> Command {
    let beside_cargo = Path::new(env!("CARGO")).with_file_name(format!("rustc{EXE_SUFFIX}"));
    Command::new(if beside_cargo.is_file() { beside_cargo } else { PathBuf::from("rustc") })
}

fn is_the_pinned_version() -> bool {
    let printed = String::from_utf8(rustc().arg("--version").output().unwrap().stdout).unwrap();
    let version = printed.split(' ').nth(1).expect("rustc VERSION (…)");
    include_str!("../../../../rust-toolchain.toml").contains(&format!("\"{version}\""))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused")
}
