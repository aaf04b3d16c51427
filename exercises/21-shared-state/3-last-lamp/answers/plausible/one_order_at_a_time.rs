//! Tokio's lock, held until the customer has paid. Nobody pays in vain, and everybody waits for the customer in front.
//~ fails with: order 12 was expected to log "begins to pay" at 10 ms, but did so at 250 ms
impl Stock {
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        static PAYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _paying = PAYING.lock().await;
        if self.free() == 0 {
            return Outcome::SoldOut;
        }
        if !payments.charge(order).await {
            return Outcome::Declined;
        }
        *self.free.lock().unwrap() -= 1;
        Outcome::Sold
    }
}
