//! The limit as a race with a sleep.
let request = RequestId::fresh();
let mut gave_up = Err(GaveUp::NotRefunded);
for attempt in 0..3 {
    if attempt > 0 {
        sleep(Duration::from_millis(50) * 2_u32.pow(attempt)).await;
    }
    tokio::select! {
        answer = bank.refund(request, payment) => match answer {
            Ok(()) => return Ok(()),
            Err(BankError::NoSuchPayment) => return gave_up,
            Err(BankError::Busy) => {}
            Err(BankError::ConnectionLost) => gave_up = Err(GaveUp::Unknown),
        },
        () = sleep(LIMIT) => gave_up = Err(GaveUp::Unknown),
    }
}
gave_up
