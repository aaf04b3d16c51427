//! Remembers all outcomes, and looks at them in the end.
let request = RequestId::fresh();
let mut outcomes = Vec::new();
while outcomes.len() < 3 {
    if let Some(pause_ms) = [None, Some(100), Some(200)][outcomes.len()] {
        sleep(Duration::from_millis(pause_ms)).await;
    }
    let outcome = timeout(LIMIT, bank.refund(request, payment)).await.unwrap_or(Err(BankError::ConnectionLost));
    match outcome {
        Ok(()) => return Ok(()),
        Err(error) => outcomes.push(error),
    }
    if let Some(BankError::NoSuchPayment) = outcomes.last() {
        break;
    }
}
let unknown = outcomes.iter().any(|error| matches!(error, BankError::ConnectionLost));
Err(if unknown { GaveUp::Unknown } else { GaveUp::NotRefunded })
