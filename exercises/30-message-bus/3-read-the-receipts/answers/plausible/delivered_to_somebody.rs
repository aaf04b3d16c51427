//! Takes a message that one subscriber has for sent, although another one's mailbox was full.
//~ fails with: the outcomes of orders

//~ region as solved
//~ region

fn outcome(receipt: Result<Receipt, Closed>) -> Outcome {
    match receipt {
        Ok(receipt) if receipt.delivered > 0 => Outcome::Sent,
        Ok(_) => Outcome::Unsent,
        Err(Closed) => Outcome::Unknown,
    }
}
