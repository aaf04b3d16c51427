//! A limit for each customer. One that sends too much waits for itself, and for nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::{Journal, Pace};

use crate::bucket::TokenBucket;
use crate::limiter::Limiter;

/// The limiters of all customers.
#[derive(Default)]
pub struct Customers {
    limiters: Mutex<HashMap<u32, Arc<Limiter<TokenBucket>>>>,
}

impl Customers {
    /// The limiter of this customer: three requests at once, then one every 600 ms.
    pub fn of(&self, customer: u32, pace: Pace) -> Arc<Limiter<TokenBucket>> {
        let mut limiters = self.limiters.lock().expect("an insertion does not panic");
        Arc::clone(limiters.entry(customer).or_insert_with(|| Arc::new(three_then_steady(pace))))
    }
}

/// A limiter that lets three requests pass at once, and then one every 600 ms.
pub fn three_then_steady(pace: Pace) -> Limiter<TokenBucket> {
    Limiter::new(TokenBucket::new(3, pace.of(Duration::from_millis(600))))
}

/// Makes a request as soon as it may pass.
pub async fn request(customer: u32, number: u32, limiter: Arc<Limiter<TokenBucket>>, journal: Journal) {
    limiter.acquire().await;
    journal.log(format_args!("customer {customer}"), format_args!("request {number} passes"));
}
