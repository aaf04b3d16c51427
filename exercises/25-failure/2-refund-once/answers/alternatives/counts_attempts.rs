//! A loop that counts, as in the chapter.
let request = RequestId::fresh();
let (mut attempts, mut unknown) = (0, false);
loop {
    attempts += 1;
    let permanent = match timeout(LIMIT, bank.refund(request, payment)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(BankError::NoSuchPayment)) => true,
        Ok(Err(BankError::Busy)) => false,
        Ok(Err(BankError::ConnectionLost)) | Err(_) => {
            unknown = true;
            false
        }
    };
    if permanent || attempts == 3 {
        return Err(if unknown { GaveUp::Unknown } else { GaveUp::NotRefunded });
    }
    sleep(Duration::from_millis(100 << (attempts - 1))).await;
}
