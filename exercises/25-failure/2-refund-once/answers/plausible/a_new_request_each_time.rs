//! The chapter's wrong version: each attempt has an id of its own, so the bank refunds twice.
//~ fails with: but logged "receives request 2: refund payment 42"
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 0] {
    match timeout(LIMIT, bank.refund(RequestId::fresh(), payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        Ok(Err(BankError::Busy)) => {}
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
    }
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
