//! Only what became of the last attempt counts.
//~ fails with: but logged "is told Err(NotRefunded)"
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 0] {
    gave_up = match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => return Err(GaveUp::NotRefunded),
        Ok(Err(BankError::Busy)) => GaveUp::NotRefunded,
        Ok(Err(BankError::ConnectionLost)) | Err(_) => GaveUp::Unknown,
    };
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
