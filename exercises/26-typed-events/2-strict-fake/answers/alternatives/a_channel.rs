//! The fake sends what it is asked for. The channel ends when nobody has the fake any more.

struct FakeGateway {
    answer: Result<(), Declined>,
    charges: tokio::sync::mpsc::Sender<(u32, u64)>,
}

impl Gateway for FakeGateway {
    async fn charge(&self, order: u32, cents: u64) -> Result<(), Declined> {
        self.charges.try_send((order, cents)).expect("a handler does not charge 100 times");
        sleep(Duration::from_millis(999)).await;
        self.answer
    }
}

pub async fn check(billing: &impl Billing) -> Result<(), String> {
    for answer in [Err(Declined), Ok(())] {
        let (charges, mut charged) = tokio::sync::mpsc::channel(100);
        let gateway = Arc::new(FakeGateway { answer, charges });
        let returned = billing.handle(gateway.clone(), 77, 123).await;
        if returned != answer {
            return Err("not the answer of the gateway".to_owned());
        }
        drop(gateway);
        if charged.recv().await != Some((77, 123)) || charged.recv().await.is_some() {
            return Err("not one charge, of order 77".to_owned());
        }
    }
    Ok(())
}
