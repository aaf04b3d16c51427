//! Takes the lamp first. When the payment is declined, nobody has it.
//~ fails with: is told that the payment was declined; free: 1
impl Stock {
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        {
            let mut free = self.free.lock().unwrap();
            let Some(left) = free.checked_sub(1) else { return Outcome::SoldOut };
            *free = left;
        }
        if payments.charge(order).await { Outcome::Sold } else { Outcome::Declined }
    }
}
