//! Asks, and waits for nothing. (The chapter's `returns_at_once`.)
//~ fails with: main was expected to log "is done" at 400 ms, but did so at 190 ms
stop.cancel();
Report { marked: 0, given_up: publishing.len() }
