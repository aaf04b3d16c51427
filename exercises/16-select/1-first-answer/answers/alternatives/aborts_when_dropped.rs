//! Two tasks that are aborted when their handles are dropped, wherever that happens.
struct Aborting(tokio::task::JoinHandle<String>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

let mut one = Aborting(tokio::spawn(one.download()));
let mut other = Aborting(tokio::spawn(other.download()));
tokio::select! {
    file = &mut one.0 => file.ok(),
    file = &mut other.0 => file.ok(),
    () = sleep(PATIENCE) => None,
}
