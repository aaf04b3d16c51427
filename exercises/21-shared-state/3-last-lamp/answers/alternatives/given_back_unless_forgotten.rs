//! A guard that always gives back, and is forgotten when the lamp is sold.
impl Stock {
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        {
            let mut free = self.free.lock().unwrap();
            if *free == 0 {
                return Outcome::SoldOut;
            }
            *free -= 1;
        }
        let give_back = GiveBack(self);
        if !payments.charge(order).await {
            return Outcome::Declined;
        }
        std::mem::forget(give_back);
        Outcome::Sold
    }
}

struct GiveBack<'a>(&'a Stock);

impl Drop for GiveBack<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap() += 1;
    }
}
