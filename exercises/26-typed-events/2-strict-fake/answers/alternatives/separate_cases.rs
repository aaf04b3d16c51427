//! Each case is a call of its own, with another order.
/// Records each charge, and answers after as long as a gateway may take.
struct FakeGateway {
    answer: Result<(), Declined>,
    charges: Mutex<Vec<(u32, u64)>>,
}

impl Gateway for FakeGateway {
    async fn charge(&self, order: u32, cents: u64) -> Result<(), Declined> {
        self.charges.lock().expect("no panic under this lock").push((order, cents));
        sleep(Duration::from_secs(1)).await;
        self.answer
    }
}

/// Says what is wrong with the handler.
pub async fn check(billing: &impl Billing) -> Result<(), String> {
    for (answer, order, cents) in [(Err(Declined), 5, 7), (Ok(()), 4_000_000_000, 99_999_999_999)] {
        let gateway = Arc::new(FakeGateway { answer, charges: Mutex::default() });
        let returned = billing.handle(gateway.clone(), order, cents).await;
        sleep(HOUR).await; // what it has left behind has ended by then
        let charges = gateway.charges.lock().expect("no panic under this lock");
        if *charges != [(order, cents)] {
            return Err(format!("expected one charge of order {order}, {cents} cents, but got {charges:?}"));
        }
        if returned != answer {
            return Err(format!("returned {returned:?} when the gateway had answered {answer:?}"));
        }
    }
    Ok(())
}
