//! Without a display of its own, every count is drawn, by a task each, all at once.
//~ fails with: at 75 ms display logged "draws 2", which was not expected

//~ region
    let mut drawings = Vec::new();
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        let (drawing, journal) = (durations.drawing, journal.clone());
        drawings.push(tokio::spawn(async move { draw(count, drawing, &journal).await }));
    }
    for drawing in drawings {
        drawing.await.expect("drawing does not panic");
    }
//~ region
