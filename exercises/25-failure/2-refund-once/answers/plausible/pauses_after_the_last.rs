//! Pauses after the last attempt too, for nothing.
//~ fails with: but did so at 863 ms: 400 ms too late
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for attempt in 1..=3 {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        Ok(Err(BankError::Busy)) => {}
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
    }
    sleep(Duration::from_millis(100 * 2_u64.pow(attempt - 1))).await;
}
Err(gave_up)
