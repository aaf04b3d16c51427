//! A story runs each scene on the paused clock, full size.

use std::time::Duration;

use shared::Story;
use tokio::time::sleep;

fn story() -> Story {
    Story::new("Waiting")
        .scene("short", "A short wait", |journal| async move {
            sleep(Duration::from_millis(10)).await;
            journal.log("sleeper", "wakes up");
        })
        .hurried_scene("long", "A long wait", 1000, |journal, pace| async move {
            sleep(pace.of(Duration::from_secs(30))).await;
            journal.log("sleeper", "wakes up");
        })
}

#[test]
fn it_prints_its_scenes_full_size() {
    assert_eq!(
        story().printed(),
        "\
Waiting

A short wait

     ms  10
         ╷
sleeper  1

     10 ms  1  sleeper  wakes up

A long wait

     ms  30000
         ╷
sleeper  1

  30000 ms  1  sleeper  wakes up
"
    );
}

#[test]
#[should_panic(expected = "no task of the scene \"stuck\" can make progress")]
fn a_scene_that_hangs_fails_at_once() {
    Story::new("Hanging").scene("stuck", "Stuck", |_| std::future::pending::<()>()).printed();
}

#[test]
fn what_is_for_real_is_not_played_on_the_paused_clock() {
    let printed = story().for_real("A file", |_| async { panic!("it would be written") }).printed();
    assert_eq!(printed, story().printed());
}
