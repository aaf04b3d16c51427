//! Has no limit: the slow bank is refunding once, and the shop waits for it.
//~ fails with: at 350 ms bank was expected to log "receives request 1: refund payment 42", but never did
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 0] {
    match bank.refund(request, payment).await {
        Ok(()) => return Ok(()),
        Err(BankError::NoSuchPayment) => break,
        Err(BankError::Busy) => {}
        Err(BankError::ConnectionLost) => gave_up = GaveUp::Unknown,
    }
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
