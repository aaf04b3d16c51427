//! Takes "no receipt" for "not delivered".
//~ fails with: the outcomes of orders

//~ region as solved
//~ region

fn outcome(receipt: Result<Receipt, Closed>) -> Outcome {
    match receipt {
        Ok(Receipt { delivered: 1.., dropped: 0 }) => Outcome::Sent,
        _ => Outcome::Unsent,
    }
}
