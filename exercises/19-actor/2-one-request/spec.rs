//! The tests of exercise 19.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::time::{sleep, timeout};

use super::sut::Seats;

const STUCK: &str = "no task can go on: does every request get its answer?";

/// As many customers as there are delays, each after its own, book so many seats each. Returns how many seats were sold.
async fn sold(seats: &Seats, each: u32, delays_ms: impl IntoIterator<Item = u64>) -> u32 {
    let book = |delay_ms| {
        let seats = seats.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(delay_ms)).await;
            seats.book(each).await
        })
    };
    let customers: Vec<_> = delays_ms.into_iter().map(book).collect();
    let mut sold = 0;
    for customer in customers {
        if timeout(HOUR, customer).await.expect(STUCK).expect("a customer does not panic") {
            sold += each;
        }
    }
    sold
}

#[tokio::test(start_paused = true)]
async fn two_customers_do_not_get_the_same_seats() {
    let seats = Seats::spawn(2);
    let sold = sold(&seats, 2, [0, 1]).await;
    assert_eq!(sold, 2, "2 seats were free, and {sold} were sold");
    assert_eq!(seats.free().await, 0, "both are booked: none is free");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_customers_get_sixty_seats() {
    let seats = Seats::spawn(60);
    let sold = sold(&seats, 1, (0..100).map(|customer| customer * 3)).await;
    assert_eq!(sold, 60, "60 seats were free, and {sold} were sold");
    assert_eq!(seats.free().await, 0, "all are booked: none is free");
}

#[tokio::test(start_paused = true)]
async fn who_wants_too_many_gets_none() {
    let seats = Seats::spawn(3);
    assert_eq!(sold(&seats, 4, [0]).await, 0, "3 seats are free, so 4 cannot be booked");
    assert_eq!(seats.free().await, 3, "nothing was booked: all 3 are still free");
    seats.set_free(4).await;
    assert_eq!(sold(&seats, 4, [0]).await, 4, "now 4 are free");
}
