//! Starts the attempts at 0, 100 and 300 ms, instead of pausing after each.
//~ fails with: bank was expected to log "receives request 1: refund payment 42" at 137 ms, but did so at 100 ms: 37 ms too early
let (request, start) = (RequestId::fresh(), tokio::time::Instant::now());
let mut gave_up = GaveUp::NotRefunded;
for at_ms in [0, 100, 300] {
    tokio::time::sleep_until(start + Duration::from_millis(at_ms)).await;
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        Ok(Err(BankError::Busy)) => {}
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
    }
}
Err(gave_up)
