//! Three retries are four attempts.
//~ fails with: at 463 ms shop was expected to log "is told Err(NotRefunded)", but never did
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 400, 0] {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        Ok(Err(BankError::Busy)) => {}
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
    }
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
