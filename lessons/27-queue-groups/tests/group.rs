//! What the queue of a group promises, polled by hand: bounded, in order, one consumer for each message, nothing lost by a drop.

use std::sync::Arc;
use std::time::Duration;

use lesson_27::group::group;
use tokio::sync::Semaphore;
use tokio::task::{self, JoinSet};
use tokio::time::timeout;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq};

#[tokio::test(start_paused = true)]
async fn messages_are_taken_in_the_order_in_which_they_were_published() {
    let (group, member) = group(3);
    let other = member.clone();
    for message in [31, 7, 19] {
        group.publish(message).await.unwrap();
    }
    assert_eq!(member.next().await, Some(31));
    assert_eq!(other.next().await, Some(7));
    assert_eq!(member.next().await, Some(19));
}

#[test]
fn a_publish_waits_until_a_member_has_taken_a_message() {
    let (group, member) = group(2);
    assert_ready_eq!(spawn(group.publish(31)).poll(), Ok(()));
    assert_ready_eq!(spawn(group.publish(7)).poll(), Ok(()));
    let mut third = spawn(group.publish(19));
    assert_pending!(third.poll());
    assert_ready_eq!(spawn(member.next()).poll(), Some(31));
    assert!(third.is_woken());
    assert_ready_eq!(third.poll(), Ok(()));
}

#[test]
fn members_that_wait_are_served_in_the_order_in_which_they_asked() {
    let (group, member) = group(3);
    let (mut first, mut second) = (spawn(member.next()), spawn(member.next()));
    assert_pending!(second.poll()); // asks before the first
    assert_pending!(first.poll());
    assert_ready_eq!(spawn(group.publish(31)).poll(), Ok(()));
    assert!(second.is_woken() && !first.is_woken());
    assert_ready_eq!(second.poll(), Some(31));
}

// ANCHOR: cancel-safe
#[test]
fn a_next_that_is_dropped_leaves_the_message_to_another_member() {
    let (group, member) = group(3);
    let (mut leaves, mut stays) = (spawn(member.next()), spawn(member.next()));
    assert_pending!(leaves.poll());
    assert_pending!(stays.poll());
    assert_ready_eq!(spawn(group.publish(31)).poll(), Ok(()));
    assert!(leaves.is_woken() && !stays.is_woken());
    drop(leaves); // it has been woken, and has not taken the message
    assert!(stays.is_woken());
    assert_ready_eq!(stays.poll(), Some(31));
}
// ANCHOR_END: cancel-safe

#[test]
fn wrong_a_message_that_is_put_back_comes_last_and_may_come_to_the_same_member() {
    let (group, member) = group(3);
    let put = |message| {
        assert_ready_eq!(spawn(group.publish(message)).poll(), Ok(()));
    };
    let take = || assert_ready!(spawn(member.next()).poll());
    put(31);
    put(7);
    assert_eq!(take(), Some(31));
    put(31);
    assert_eq!(take(), Some(7));
    assert_eq!(take(), Some(31));
    put(31);
    assert_eq!(take(), Some(31));
}

#[test]
fn a_publish_that_is_dropped_while_it_waits_has_published_nothing() {
    let (group, member) = group(1);
    assert_ready_eq!(spawn(group.publish(31)).poll(), Ok(()));
    let (mut gives_up, mut waits) = (spawn(group.publish(7)), spawn(group.publish(19)));
    assert_pending!(gives_up.poll());
    assert_pending!(waits.poll());
    assert_ready_eq!(spawn(member.next()).poll(), Some(31));
    drop(gives_up); // its slot goes to the one behind it
    assert_ready_eq!(waits.poll(), Ok(()));
    assert_ready_eq!(spawn(member.next()).poll(), Some(19));
    assert_pending!(spawn(member.next()).poll());
}

#[test]
fn when_the_group_is_dropped_members_take_what_is_left_and_then_end() {
    let (group, member) = group(3);
    let mut waits = [spawn(member.next()), spawn(member.next()), spawn(member.next())];
    for waiting in &mut waits {
        assert_pending!(waiting.poll());
    }
    assert_ready_eq!(spawn(group.publish(31)).poll(), Ok(()));
    assert_ready_eq!(spawn(group.publish(7)).poll(), Ok(()));
    drop(group);
    let [first, second, third] = &mut waits;
    assert!(third.is_woken());
    assert_ready_eq!(third.poll(), Some(31));
    assert_ready_eq!(first.poll(), Some(7));
    assert_ready_eq!(second.poll(), None);
}

#[test]
fn when_the_last_member_has_left_a_publish_gives_its_message_back() {
    let (group, member) = group(1);
    let other = member.clone();
    assert_ready_eq!(spawn(group.publish(31)).poll(), Ok(()));
    let mut waits = spawn(group.publish(7));
    assert_pending!(waits.poll());
    drop(member);
    assert!(!waits.is_woken());
    drop(other);
    assert!(waits.is_woken());
    assert_ready_eq!(waits.poll(), Err(7));
    assert_ready_eq!(spawn(group.publish(19)).poll(), Err(19));
}

#[test]
fn a_closed_semaphore_gives_out_no_permit_that_it_still_has() {
    let semaphore = Semaphore::new(2);
    semaphore.close();
    assert_eq!(semaphore.available_permits(), 2);
    assert!(semaphore.try_acquire().is_err());
    assert!(spawn(semaphore.acquire()).poll().map(|acquired| acquired.is_err()).is_ready());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_several_threads_each_message_has_one_consumer() {
    let (group, member) = group(5);
    let mut members = JoinSet::new();
    for _ in 0..8 {
        let member = member.clone();
        members.spawn(async move {
            let mut taken = Vec::new();
            while let Some(message) = member.next().await {
                taken.push(message);
                task::yield_now().await;
            }
            taken
        });
    }
    drop(member);
    let group = Arc::new(group);
    let mut publishers = JoinSet::new();
    for publisher in 0..4 {
        let group = Arc::clone(&group);
        publishers.spawn(async move {
            for message in 0..1000 {
                group.publish(publisher * 1000 + message).await.expect("members are left");
            }
        });
    }
    drop(group);
    publishers.join_all().await;
    let mut taken =
        timeout(Duration::from_secs(60), members.join_all()).await.expect("the members end").concat();
    taken.sort_unstable();
    assert_eq!(taken, Vec::from_iter(0..4000));
}
