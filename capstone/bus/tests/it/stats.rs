//! What the statistics say, as a whole.

use capstone_bus::{Bus, Overflow, Stats};
use tokio_test::{assert_pending, task};

use crate::support::{block, fill, message, open};

/// One line per mailbox, after one for the bus.
fn told(stats: &Stats) -> Vec<String> {
    let bus = format!(
        "published {} unmatched {} delivered {} dropped {} abandoned {} active {}",
        stats.published, stats.unmatched, stats.delivered, stats.dropped, stats.abandoned, stats.active
    );
    let mailboxes = stats.subscriptions.iter().map(|s| {
        format!(
            "{} {} members {} depth {}/{} high {} waiting {} delivered {} dropped {}",
            s.name.as_deref().unwrap_or("-"),
            s.group.as_deref().unwrap_or("-"),
            s.members,
            s.depth,
            s.capacity,
            s.high_water,
            s.waiting,
            s.delivered,
            s.dropped
        )
    });
    std::iter::once(bus).chain(mailboxes).collect()
}

#[tokio::test(start_paused = true)]
async fn every_copy_is_counted_in_one_place() {
    let bus = Bus::new();
    fill(&bus, ["to nobody"]);
    let mut ticker = bus
        .subscription("t")
        .capacity(2)
        .overflow(Overflow::DropOldest)
        .name("ticker")
        .open()
        .expect("valid options");
    let mut member = bus.subscription("t").queue("billing").open().expect("valid options");
    let _idle_member = bus.subscription("t").queue("billing").open().expect("valid options");
    let gone = open(&bus, 1, block(1_000));
    let blocks = open(&bus, 3, block(1_000));
    fill(&bus, ["a", "b", "c"]);
    drop(gone);
    let mut publish = task::spawn(bus.publish(message("t", "d")));
    assert_pending!(publish.poll());
    ticker.try_recv().expect("a message");
    member.try_recv().expect("a message");
    member.try_recv().expect("a message");

    assert_eq!(
        told(&bus.stats()),
        [
            "published 5 unmatched 1 delivered 3 dropped 4 abandoned 1 active 4",
            "ticker - members 1 depth 1/2 high 2 waiting 0 delivered 1 dropped 2",
            "- billing members 2 depth 2/1024 high 4 waiting 0 delivered 2 dropped 0",
            "- - members 1 depth 3/3 high 3 waiting 1 delivered 0 dropped 0",
        ]
    );
    drop(publish);
    drop(blocks);
    assert_eq!(told(&bus.stats())[0], "published 5 unmatched 1 delivered 3 dropped 5 abandoned 4 active 3");
}
