//! An id that is created once for the whole program. The second refund is taken for the first.
//~ fails with: receives request 2: refund payment 17
static REQUEST: std::sync::OnceLock<RequestId> = std::sync::OnceLock::new();
let request = *REQUEST.get_or_init(RequestId::fresh);
let mut gave_up = GaveUp::NotRefunded;
for pause_ms in [100, 200, 0] {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        Ok(Err(BankError::Busy)) => {}
        Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
    }
    sleep(Duration::from_millis(pause_ms)).await;
}
Err(gave_up)
