//! When the customer has gone, nobody has the seats, so the actor takes them back.
//~ region
    Book { seats: u32, answer: oneshot::Sender<bool> },
//~ region as solved
//~ region
            Request::Book { seats, answer } => {
                let booked = take(&mut free, seats);
                if answer.send(booked).is_err() && booked {
                    free += seats;
                }
                Some(())
            }
