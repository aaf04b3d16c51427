//! The tests of exercise 27.2. Your file and the solution are tested by this one copy.

use tokio::sync::mpsc;

use super::sut::{Order, Topic};

/// The numbers of the orders in a mailbox, oldest first. Takes them out.
fn taken(mailbox: &mut mpsc::Receiver<Order>) -> Vec<u32> {
    std::iter::from_fn(|| mailbox.try_recv().ok()).map(|order| order.number).collect()
}

/// Publishes orders, each a number and an amount, and expects that this many groups take each of them.
#[track_caller]
fn publish(topic: &Topic, groups: usize, orders: &[(u32, u32)]) {
    for &(number, dollars) in orders {
        let took = topic.publish(Order { number, dollars });
        assert!(
            took == groups,
            "publish returned {took} for order {number} of ${dollars}, but {groups} of the groups can take it"
        );
    }
}

#[track_caller]
fn assert_has(who: &str, mailbox: &mut mpsc::Receiver<Order>, expected: &[u32]) {
    let has = taken(mailbox);
    assert!(has == expected, "the {who} should have the orders {expected:?}, and has {has:?}");
}

#[test]
fn each_member_gets_what_it_wants() {
    let mut topic = Topic::default();
    let mut reviewer = topic.join("desk", 9, |order| order.dollars > 1000);
    let mut cashier = topic.join("desk", 9, |order| order.dollars <= 1000);
    publish(&topic, 1, &[(31, 40), (7, 1800), (19, 25), (4, 90), (23, 2600), (12, 1000), (8, 1001)]);
    assert_has("reviewer", &mut reviewer, &[7, 23, 8]);
    assert_has("cashier", &mut cashier, &[31, 19, 4, 12]);
}

#[test]
fn of_those_that_want_it_the_one_with_the_shortest_queue_gets_it() {
    let mut topic = Topic::default();
    let mut small = topic.join("desk", 9, |order| order.dollars < 500);
    let mut any = topic.join("desk", 9, |_| true);
    let mut large = topic.join("desk", 9, |order| order.dollars > 700);
    // Nobody else wants the first three, so `any` has three in its mailbox, and then the other two have two each.
    publish(&topic, 1, &[(31, 600), (7, 500), (19, 700), (4, 30), (23, 40), (12, 900), (8, 800)]);
    assert_has("member for all orders", &mut any, &[31, 7, 19]);
    // Now its mailbox is empty again.
    publish(&topic, 1, &[(2, 950), (41, 35)]);
    assert_has("member for all orders", &mut any, &[2, 41]);
    assert_has("member for small orders", &mut small, &[4, 23]);
    assert_has("member for large orders", &mut large, &[12, 8]);
}

#[test]
fn the_shortest_queue_is_not_the_one_with_the_most_free_slots() {
    let mut topic = Topic::default();
    let mut wide = topic.join("desk", 20, |order| order.dollars != 77);
    let mut narrow = topic.join("desk", 5, |order| order.dollars != 66);
    publish(&topic, 1, &[(31, 66), (7, 66), (19, 66), (4, 77)]);
    publish(&topic, 1, &[(23, 50)]); // three against one
    assert_has("member with 5 slots", &mut narrow, &[4, 23]);
    assert_has("member with 20 slots", &mut wide, &[31, 7, 19]);
}

#[test]
fn a_member_that_has_left_or_is_full_makes_way_for_the_next() {
    let mut topic = Topic::default();
    let leaves = topic.join("desk", 9, |_| true);
    let mut narrow = topic.join("desk", 1, |order| order.dollars > 10);
    let mut wide = topic.join("desk", 9, |order| order.dollars > 20);
    let mut picky = topic.join("desk", 9, |order| order.dollars == 15);
    drop(leaves);
    publish(&topic, 1, &[(31, 11)]);
    publish(&topic, 1, &[(7, 30), (19, 40), (4, 50)]); // two or more in the wide one, one in the narrow one, which is full
    publish(&topic, 0, &[(23, 12)]); // only the narrow one wants it
    publish(&topic, 1, &[(12, 15)]);
    publish(&topic, 0, &[(8, 5)]); // only the one that has left wants it
    assert_has("member with one slot", &mut narrow, &[31]);
    assert_has("member with 9 slots", &mut wide, &[7, 19, 4]);
    assert_has("member for orders of $15", &mut picky, &[12]);
}

#[test]
fn each_group_gets_an_order_once() {
    let mut topic = Topic::default();
    let mut audit = topic.join("audit", 9, |_| true);
    let mut billing =
        [topic.join("billing", 9, |order| order.dollars > 20), topic.join("billing", 9, |_| true)];
    let mut review = topic.join("review", 9, |order| order.dollars > 1000);
    publish(&topic, 2, &[(31, 40), (7, 60)]);
    publish(&topic, 3, &[(19, 1800)]);
    publish(&topic, 2, &[(4, 10)]);
    drop(topic);
    assert_has("audit", &mut audit, &[31, 7, 19, 4]);
    assert_has("review", &mut review, &[19]);
    let mut charged = billing.each_mut().map(taken).concat();
    charged.sort_unstable();
    assert!(
        charged == [4, 7, 19, 31],
        "the two members of billing should have the orders 4, 7, 19 and 31 between them, and have {charged:?}"
    );
}
