//! Asks again every 100 ms, like the publish in the chapter that is started again. Each time both downloads start from the beginning.
//~ fails with: at 100 ms Oslo logged "is dropped", which was not expected
for _ in 0..3 {
    tokio::select! {
        file = one.clone().download() => return Some(file),
        file = other.clone().download() => return Some(file),
        () = sleep(PATIENCE / 3) => {}
    }
}
None
