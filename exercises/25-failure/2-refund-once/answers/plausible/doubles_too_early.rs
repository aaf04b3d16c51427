//! 100 ms x 2^attempt: the pauses are 200 and 400 ms.
//~ fails with: bank was expected to log "receives request 1: refund payment 42" at 137 ms, but did so at 237 ms: 100 ms too late
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for attempt in 1..=3 {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        Ok(Err(BankError::Busy)) => {}
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
    }
    if attempt < 3 {
        sleep(Duration::from_millis(100 * 2_u64.pow(attempt))).await;
    }
}
Err(gave_up)
