//! Checks again after the payment, and counts correctly. But by then the customer has paid.
//~ fails with: at 20 ms customer 27 was expected to log "is told that none is free; free: 0"
impl Stock {
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        if self.free() == 0 {
            return Outcome::SoldOut;
        }
        if !payments.charge(order).await {
            return Outcome::Declined;
        }
        let mut free = self.free.lock().unwrap();
        match free.checked_sub(1) {
            Some(left) => {
                *free = left;
                Outcome::Sold
            }
            None => Outcome::SoldOut,
        }
    }
}
