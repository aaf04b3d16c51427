//! The fake and the check write one log. Its entries must be these, in this order.

#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Charged(u32, u64),
    Answered(Result<(), Declined>),
    Returned(Result<(), Declined>),
}

struct FakeGateway {
    answer: Result<(), Declined>,
    log: Mutex<Vec<Entry>>,
}

impl FakeGateway {
    fn log(&self, entry: Entry) {
        self.log.lock().expect("no panic under this lock").push(entry);
    }
}

impl Gateway for FakeGateway {
    async fn charge(&self, order: u32, cents: u64) -> Result<(), Declined> {
        self.log(Entry::Charged(order, cents));
        sleep(Duration::from_millis(1000)).await;
        self.log(Entry::Answered(self.answer));
        self.answer
    }
}

pub async fn check(billing: &impl Billing) -> Result<(), String> {
    for answer in [Ok(()), Err(Declined)] {
        let gateway = Arc::new(FakeGateway { answer, log: Mutex::default() });
        let returned = billing.handle(gateway.clone(), 8, 501).await;
        gateway.log(Entry::Returned(returned));
        sleep(Duration::from_secs(60)).await;
        let expected = [Entry::Charged(8, 501), Entry::Answered(answer), Entry::Returned(answer)];
        let log = gateway.log.lock().expect("no panic under this lock");
        if *log != expected {
            return Err(format!("{log:?}"));
        }
    }
    Ok(())
}
