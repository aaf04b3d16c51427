//! Calls `publish` and forgets the await, as the relay of the chapter does.
//~ does not compile: futures do nothing unless you `.await` or poll them
let mut published = 0;
for event in events {
    publish(event, broker.clone());
    published += 1;
}
published
