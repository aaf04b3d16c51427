//! An order that finds no lamp waits until one is free, or for ever.
//~ fails with: an order is never answered
impl Stock {
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        let reserved = loop {
            let taken = {
                let mut free = self.free.lock().unwrap();
                let left = free.checked_sub(1);
                left.inspect(|left| *free = *left).is_some()
            };
            if taken {
                break Reserved { stock: self, lamps: 1 };
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        };
        if !payments.charge(order).await {
            return Outcome::Declined;
        }
        let mut reserved = reserved;
        reserved.lamps = 0;
        Outcome::Sold
    }
}

struct Reserved<'a> {
    stock: &'a Stock,
    lamps: u32,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        *self.stock.free.lock().unwrap() += self.lamps;
    }
}
