//! A payment that does not exist is asked for three times.
//~ fails with: at 29 ms shop was expected to log "is told Err(NotRefunded)", but never did
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 0] {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
        Ok(Err(_)) => {}
    }
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
