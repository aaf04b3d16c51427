//! Takes the second answer for the fate of the first attempt, which is still under way.
//~ fails with: at 375 ms shop was expected to log "is told Err(Unknown)", but logged "is told Err(NotRefunded)"
let request = RequestId::fresh();
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 0] {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => return Err(GaveUp::NotRefunded),
        Ok(Err(BankError::Busy)) => {}
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
    }
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
