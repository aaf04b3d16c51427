//! A guard that runs a closure when it is dropped, with an `Option` that is emptied when the lamp is sold.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl Stock {
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        let taken = {
            let mut free = self.free.lock().unwrap();
            let left = free.checked_sub(1);
            *free = left.unwrap_or(0);
            left.is_some()
        };
        if !taken {
            return Outcome::SoldOut;
        }
        let sold = std::cell::Cell::new(false);
        let _give_back = OnDrop(|| {
            if !sold.get() {
                *self.free.lock().unwrap() += 1;
            }
        });
        if payments.charge(order).await {
            sold.set(true);
            return Outcome::Sold;
        }
        Outcome::Declined
    }
}
