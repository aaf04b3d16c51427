//! Tells the shop that nothing is refunded, because the last attempt was refused.
//~ fails with: but logged "is told Err(NotRefunded)"
let request = RequestId::fresh();
for pause_ms in [100, 200, 0] {
    match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => break,
        _ => sleep(Duration::from_millis(pause_ms)).await,
    }
}
Err(GaveUp::NotRefunded)
