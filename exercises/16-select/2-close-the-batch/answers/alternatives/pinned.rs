//! One sleep, polled by reference.
let mut second = std::pin::pin!(sleep(OPEN));
while batch.len() < FULL {
    tokio::select! {
        biased;
        received = events.recv() => match received {
            Some(event) => batch.push(event),
            None => break,
        },
        () = &mut second => break,
    }
}
