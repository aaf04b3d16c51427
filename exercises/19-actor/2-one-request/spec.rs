//! The tests of exercise 19.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::time::{sleep, timeout};

use super::sut::Seats;

const STUCK: &str = "no task can make progress: does every request get its answer?";

/// Each of these customers comes at its millisecond and wants this many seats. Returns which of them got their seats.
async fn book(seats: &Seats, customers: &[(u64, u32)]) -> Vec<bool> {
    let book = |&(at_ms, wanted): &(u64, u32)| {
        let seats = seats.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(at_ms)).await;
            seats.book(wanted).await
        })
    };
    let customers: Vec<_> = customers.iter().map(book).collect();
    let mut booked = Vec::new();
    for customer in customers {
        booked.push(timeout(HOUR, customer).await.expect(STUCK).expect("a customer does not panic"));
    }
    booked
}

/// How many seats these customers got.
fn sold(customers: &[(u64, u32)], booked: &[bool]) -> u32 {
    customers.iter().zip(booked).filter(|(_, booked)| **booked).map(|((_, wanted), _)| wanted).sum()
}

#[tokio::test(start_paused = true)]
async fn two_customers_do_not_get_the_same_seats() {
    let (seats, customers) = (Seats::spawn(2), [(0, 2), (1, 2)]);
    let sold = sold(&customers, &book(&seats, &customers).await);
    assert_eq!(sold, 2, "2 seats were free, and {sold} were sold");
    let free = seats.free().await;
    assert_eq!(free, 0, "both seats are booked, so none is free, but `free` says {free}");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_customers_do_not_get_more_than_there_is() {
    let seats = Seats::spawn(160);
    let customers: Vec<(u64, u32)> = (0..100).map(|n| (n * 7 % 130, 1 + n as u32 % 4)).collect();
    let booked = book(&seats, &customers).await;
    let (sold, free) = (sold(&customers, &booked), seats.free().await);
    assert!(
        sold + free == 160,
        "160 seats were free. Now {sold} are sold and {free} are free, which makes {}",
        sold + free
    );
    for ((_, wanted), booked) in customers.into_iter().zip(booked) {
        assert!(
            booked || wanted > free,
            "a customer who wanted {wanted} seats was refused, although {free} are free"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_wants_too_many_gets_none() {
    let seats = Seats::spawn(3);
    assert_eq!(book(&seats, &[(0, 4)]).await, [false], "3 seats are free, so 4 cannot be booked");
    let free = seats.free().await;
    assert_eq!(free, 3, "3 seats were free and nothing was booked, so 3 are free, but `free` says {free}");
    seats.set_free(4).await;
    assert_eq!(book(&seats, &[(0, 4)]).await, [true], "4 seats are free now, so 4 can be booked");
}

#[tokio::test(start_paused = true)]
async fn the_number_is_set_while_a_customer_books() {
    for set_at_ms in [3, 13, 23] {
        let seats = Seats::spawn(5);
        let setting = async {
            sleep(Duration::from_millis(set_at_ms)).await;
            timeout(HOUR, seats.set_free(9)).await.expect(STUCK);
        };
        let (booked, ()) = tokio::join!(book(&seats, &[(0, 2)]), setting);
        assert_eq!(booked, [true], "5 seats were free, and then 9, so 2 can be booked");
        let free = seats.free().await;
        assert!(
            free == 9 || free == 7,
            "5 seats are free. At 0 ms a customer books 2, and at {set_at_ms} ms the number is set to 9: expected 9 \
             (booked first) or 7 (set first), but {free} are free"
        );
    }
}
