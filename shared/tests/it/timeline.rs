//! The pictures: readable, deterministic, nothing cut off.

use std::time::Duration;

use shared::{Journal, Timeline};
use tokio::time::sleep;

async fn two_tasks() -> Timeline {
    let journal = Journal::new();
    journal.log("producer", "sends 1");
    journal.log("producer", "sends 2");
    journal.log("consumer", "gets 1");
    sleep(Duration::from_millis(1000)).await;
    journal.log("consumer", "gets 2 & prints <it>");
    Timeline::new("Two tasks", &journal)
}

#[tokio::test(start_paused = true)]
async fn text_has_a_row_a_task_and_a_column_a_moment() {
    assert_eq!(
        two_tasks().await.text(),
        "
      ms  0     1000
          ╷     ╷
producer  1─2
consumer  3─────4

      0 ms  1  producer  sends 1
            2  producer  sends 2
            3  consumer  gets 1
   1000 ms  4  consumer  gets 2 & prints <it>
"
        .trim_start_matches('\n')
    );
}

#[tokio::test(start_paused = true)]
async fn a_long_story_is_broken_into_bands_of_at_most_100_columns() {
    let journal = Journal::new();
    for turn in 0..40 {
        journal.log("clock", format_args!("tick {turn}"));
        sleep(Duration::from_millis(1000)).await;
    }
    let text = Timeline::new("Ticks", &journal).text();
    assert_eq!(text.lines().filter(|line| line.starts_with("clock")).count(), 4);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[tokio::test(start_paused = true)]
async fn svg_is_deterministic_escaped_and_described() {
    let svg = two_tasks().await.svg("two");
    assert_eq!(svg, two_tasks().await.svg("two"));
    assert!(svg.contains("<title id=\"two-title\">Two tasks</title>"));
    assert!(svg.contains("4. At 1000 ms, consumer: gets 2 &amp; prints &lt;it&gt;."));
    assert!(svg.contains("prefers-color-scheme:dark"));
    assert!(!svg.contains("<script") && !svg.contains("http://fonts"));
}

#[tokio::test(start_paused = true)]
async fn an_empty_journal_has_a_picture_too() {
    let timeline = Timeline::new("Nothing", &Journal::new());
    assert!(timeline.text().contains("ms"));
    assert!(timeline.svg("nothing").ends_with("</svg>\n"));
}
