//! Gives the lamp back when the payment is declined. When the customer gives up, the line that gives it back never runs.
//~ fails with: customer 14 was expected to log "gives up; free: 2", but logged "gives up; free: 1"
impl Stock {
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        {
            let mut free = self.free.lock().unwrap();
            let Some(left) = free.checked_sub(1) else { return Outcome::SoldOut };
            *free = left;
        }
        if payments.charge(order).await {
            return Outcome::Sold;
        }
        *self.free.lock().unwrap() += 1;
        Outcome::Declined
    }
}
