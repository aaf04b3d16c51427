//! Whichever is first, what is left of the two is awaited afterwards.
let needed = async { tokio::try_join!(services.stock(), services.price()) };
let (mut needed, mut rating) = (std::pin::pin!(needed), std::pin::pin!(services.rating()));
let ((stock, cents), rating) = tokio::select! {
    needed = &mut needed => (needed?, rating.await),
    rating = &mut rating => (needed.await?, rating),
};
Ok(Page { stock, cents, rating: rating.ok() })
