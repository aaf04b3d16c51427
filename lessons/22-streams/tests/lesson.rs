//! The scenes of lesson 22: all entries with exact milliseconds, on the paused clock.

use lesson_22::broker::{Broker, Refused};
use lesson_22::shop::{Shop, six_orders};
use lesson_22::{relay, story, writes, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

fn broker(journal: &Journal) -> Broker {
    Broker::new(Pace::FULL, journal)
}

#[tokio::test(start_paused = true)]
async fn wrong_the_first_error_drops_the_writes_in_flight() {
    let journal = Journal::new();
    let broker = broker(&journal);
    let ended = timeout(HOUR, wrong::question_mark(six_orders().await, &broker, &journal)).await;
    assert_eq!(ended.expect(STUCK), Err(Refused { order: 2 }));
    assert_journal!(
        journal,
        [
            (0, "order 1", "is sent"),
            (0, "order 2", "is sent"),
            (0, "order 3", "is sent"),
            (0, "order 4", "is sent"),
            (120, "order 3", "is confirmed"),
            (120, "relay", "marks order 3"),
            (120, "order 5", "is sent"),
            (150, "order 2", "is refused"),
            (150, "order 1", "is dropped, and the broker has it"),
            (150, "order 4", "is dropped on its way"),
            (150, "order 5", "is dropped on its way"),
            // Order 6 was dropped with the channel.
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_one_write_after_another_takes_the_sum() {
    let journal = Journal::new();
    let broker = broker(&journal);
    timeout(HOUR, wrong::one_by_one(six_orders().await, &broker, &journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "order 1", "is sent"),
            (400, "order 1", "is confirmed"),
            (400, "relay", "marks order 1"),
            (400, "order 2", "is sent"),
            (550, "order 2", "is refused"),
            (550, "relay", "Error: the broker refuses order 2"),
            (550, "order 3", "is sent"),
            (670, "order 3", "is confirmed"),
            (670, "relay", "marks order 3"),
            (670, "order 4", "is sent"),
            (980, "order 4", "is confirmed"),
            (980, "relay", "marks order 4"),
            (980, "order 5", "is sent"),
            (1180, "order 5", "is confirmed"),
            (1180, "relay", "marks order 5"),
            (1180, "order 6", "is sent"),
            (1275, "order 6", "is confirmed"),
            (1275, "relay", "marks order 6"),
            (1275, "relay", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn unordered_outcomes_come_as_they_are_known_and_every_write_ends() {
    let journal = Journal::new();
    let broker = broker(&journal);
    timeout(HOUR, writes::unordered(six_orders().await, &broker, &journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "order 1", "is sent"),
            (0, "order 2", "is sent"),
            (0, "order 3", "is sent"),
            (0, "order 4", "is sent"),
            (120, "order 3", "is confirmed"),
            (120, "relay", "marks order 3"),
            (120, "order 5", "is sent"),
            (150, "order 2", "is refused"),
            (150, "relay", "Error: the broker refuses order 2"),
            (150, "order 6", "is sent"),
            (245, "order 6", "is confirmed"),
            (245, "relay", "marks order 6"),
            (310, "order 4", "is confirmed"),
            (310, "relay", "marks order 4"),
            (320, "order 5", "is confirmed"),
            (320, "relay", "marks order 5"),
            (400, "order 1", "is confirmed"),
            (400, "relay", "marks order 1"),
            (400, "relay", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn outcomes_in_order_wait_for_the_first_and_so_does_the_next_order() {
    let journal = Journal::new();
    let broker = broker(&journal);
    timeout(HOUR, writes::in_order(six_orders().await, &broker, &journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "order 1", "is sent"),
            (0, "order 2", "is sent"),
            (0, "order 3", "is sent"),
            (0, "order 4", "is sent"),
            (120, "order 3", "is confirmed"), // and keeps its slot until order 1 has ended
            (150, "order 2", "is refused"),
            (310, "order 4", "is confirmed"),
            (400, "order 1", "is confirmed"),
            (400, "relay", "marks order 1"),
            (400, "relay", "Error: the broker refuses order 2"),
            (400, "relay", "marks order 3"),
            (400, "relay", "marks order 4"),
            (400, "order 5", "is sent"),
            (400, "order 6", "is sent"),
            (495, "order 6", "is confirmed"),
            (600, "order 5", "is confirmed"),
            (600, "relay", "marks order 5"),
            (600, "relay", "marks order 6"),
            (600, "relay", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_no_write_makes_progress_while_the_body_of_the_loop_waits() {
    let journal = Journal::new();
    let broker = broker(&journal);
    timeout(HOUR, wrong::marks_in_the_loop(six_orders().await, &broker, &journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "order 1", "is sent"),
            (0, "order 2", "is sent"),
            (0, "order 3", "is sent"),
            (0, "order 4", "is sent"),
            (120, "order 3", "is confirmed"),
            (220, "relay", "has marked order 3"),
            (220, "order 2", "is refused"), // the answer was there at 150 ms
            (220, "relay", "Error: the broker refuses order 2"),
            (220, "order 5", "is sent"), // a slot was free at 120 ms
            (220, "order 6", "is sent"),
            (315, "order 6", "is confirmed"),
            (415, "relay", "has marked order 6"),
            (415, "order 4", "is confirmed"),
            (515, "relay", "has marked order 4"),
            (515, "order 1", "is confirmed"),
            (615, "relay", "has marked order 1"),
            (615, "order 5", "is confirmed"),
            (715, "relay", "has marked order 5"),
            (715, "relay", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_future_that_writes_and_marks_holds_up_no_other() {
    let journal = Journal::new();
    let broker = broker(&journal);
    timeout(HOUR, writes::write_and_mark(six_orders().await, &broker, &journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "order 1", "is sent"),
            (0, "order 2", "is sent"),
            (0, "order 3", "is sent"),
            (0, "order 4", "is sent"),
            (120, "order 3", "is confirmed"),
            (150, "order 2", "is refused"),
            (150, "relay", "Error: the broker refuses order 2"),
            (150, "order 5", "is sent"),
            (220, "relay", "has marked order 3"),
            (220, "order 6", "is sent"),
            (310, "order 4", "is confirmed"),
            (315, "order 6", "is confirmed"),
            (350, "order 5", "is confirmed"),
            (400, "order 1", "is confirmed"),
            (410, "relay", "has marked order 4"),
            (415, "relay", "has marked order 6"),
            (450, "relay", "has marked order 5"),
            (500, "relay", "has marked order 1"),
            (500, "relay", "ends"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_full_or_500_ms_old_or_the_last() {
    let journal = Journal::new();
    let ((shop, orders), broker) = (Shop::open(Pace::FULL, &journal), broker(&journal));
    let both = async { tokio::join!(shop.a_busy_day(), relay::relay(orders, &broker, &journal, Pace::FULL)) };
    let ((), published) = timeout(HOUR, both).await.expect(STUCK);
    assert_eq!(published, 234);
    assert_journal!(
        journal,
        [
            (0, "shop", "sends orders 1 to 230"),
            (0, "batch 1", "is sent: 100 orders, 1 to 100"),
            (0, "batch 2", "is sent: 100 orders, 101 to 200"),
            (350, "batch 1", "is confirmed"),
            (350, "batch 2", "is confirmed"),
            (500, "batch 3", "is sent: 30 orders, 201 to 230"),
            (620, "shop", "sends order 231"),
            (850, "batch 3", "is confirmed"),
            (1120, "batch 4", "is sent: order 231"),
            (1470, "batch 4", "is confirmed"),
            (1500, "shop", "sends orders 232 to 234"),
            (1700, "shop", "closes the channel"),
            (1700, "batch 5", "is sent: 3 orders, 232 to 234"),
            (2050, "batch 5", "is confirmed"),
            (2050, "relay", "ends: 234 payments"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_the_timer_starts_when_an_order_is_taken_and_not_when_it_is_sent() {
    let journal = Journal::new();
    let ((shop, orders), broker) = (Shop::open(Pace::FULL, &journal), broker(&journal));
    let both =
        async { tokio::join!(shop.two_orders(), wrong::late_timer(orders, &broker, &journal, Pace::FULL)) };
    timeout(HOUR, both).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "shop", "sends order 1"),
            (500, "batch 1", "is sent: order 1"),
            (530, "shop", "sends order 2"),
            (850, "batch 1", "is confirmed"), // and order 2 is taken
            (1350, "batch 2", "is sent: order 2"),
            (1600, "shop", "closes the channel"),
            (1700, "batch 2", "is confirmed"),
            (1700, "relay", "ends: 2 payments"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn with_a_free_slot_an_order_is_taken_when_it_is_sent() {
    let journal = Journal::new();
    let ((shop, orders), broker) = (Shop::open(Pace::FULL, &journal), broker(&journal));
    let both = async { tokio::join!(shop.two_orders(), relay::relay(orders, &broker, &journal, Pace::FULL)) };
    timeout(HOUR, both).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "shop", "sends order 1"),
            (500, "batch 1", "is sent: order 1"),
            (530, "shop", "sends order 2"),
            (850, "batch 1", "is confirmed"),
            (1030, "batch 2", "is sent: order 2"),
            (1380, "batch 2", "is confirmed"),
            (1600, "shop", "closes the channel"),
            (1600, "relay", "ends: 2 payments"),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
