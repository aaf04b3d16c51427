//! A guard that runs any closure when it is dropped.

//~ region
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
//~ region
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    let _guard = OnDrop(|| drop(waiting.remove(id)));
    connection.send((id, article.to_owned())).await.ok()?;
    answered.await.ok()
