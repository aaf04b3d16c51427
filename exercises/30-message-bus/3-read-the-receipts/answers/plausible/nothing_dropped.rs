//! Takes a message that nobody wanted for sent: no mailbox was full.
//~ fails with: the outcomes of orders

//~ region as solved
//~ region

fn outcome(receipt: Result<Receipt, Closed>) -> Outcome {
    match receipt {
        Ok(receipt) if receipt.dropped == 0 => Outcome::Sent,
        Ok(_) => Outcome::Unsent,
        Err(Closed) => Outcome::Unknown,
    }
}
