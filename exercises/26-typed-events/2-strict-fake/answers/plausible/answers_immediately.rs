//! A fake that answers immediately is never too slow for a handler: the fake of which the chapter warns.
//~ fails with: check accepts a handler that charges again when there is no answer after 880 ms
/// Records each charge, and answers after as long as a gateway may take.
struct FakeGateway {
    answer: Result<(), Declined>,
    charges: Mutex<Vec<(u32, u64)>>,
}

impl Gateway for FakeGateway {
    async fn charge(&self, order: u32, cents: u64) -> Result<(), Declined> {
        self.charges.lock().expect("no panic under this lock").push((order, cents));
        self.answer
    }
}

/// Says what is wrong with the handler.
pub async fn check(billing: &impl Billing) -> Result<(), String> {
    for answer in [Ok(()), Err(Declined)] {
        let gateway = Arc::new(FakeGateway { answer, charges: Mutex::default() });
        let returned = billing.handle(gateway.clone(), 31, 1995).await;
        sleep(HOUR).await; // what it has left behind has ended by then
        let charges = gateway.charges.lock().expect("no panic under this lock");
        if *charges != [(31, 1995)] {
            return Err(format!("expected one charge of order 31, 1995 cents, but got {charges:?}"));
        }
        if returned != answer {
            return Err(format!("returned {returned:?} when the gateway had answered {answer:?}"));
        }
    }
    Ok(())
}
