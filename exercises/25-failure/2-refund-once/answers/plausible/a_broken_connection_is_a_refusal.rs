//! Knows that a timeout is unknown, and takes a broken connection for a refusal.
//~ fails with: at 443 ms shop was expected to log "is told Err(Unknown)", but logged "is told Err(NotRefunded)"
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 0] {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        Ok(Err(BankError::Busy | BankError::ConnectionLost)) => {}
        Err(_) => gave_up = GaveUp::Unknown,
    }
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
