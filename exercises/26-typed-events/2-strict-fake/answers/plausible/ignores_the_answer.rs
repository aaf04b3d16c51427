//! Looks at the charges, and not at what the handler has returned.
//~ fails with: check accepts a handler that returns Ok when the card was declined
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
    for answer in [Ok(()), Err(Declined)] {
        let gateway = Arc::new(FakeGateway { answer, charges: Mutex::default() });
        billing.handle(gateway.clone(), 31, 1995).await.ok();
        sleep(HOUR).await; // what it has left behind has ended by then
        let charges = gateway.charges.lock().expect("no panic under this lock");
        if *charges != [(31, 1995)] {
            return Err(format!("expected one charge of order 31, 1995 cents, but got {charges:?}"));
        }
    }
    Ok(())
}
