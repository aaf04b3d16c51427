//! The function `select` of `futures`, which gives the loser back: it is dropped at the end of the statement.
use futures::future::{Either, select};

let (one, other) = (std::pin::pin!(one.download()), std::pin::pin!(other.download()));
match select(select(one, other), std::pin::pin!(sleep(PATIENCE))).await {
    Either::Left((Either::Left((file, _)) | Either::Right((file, _)), _)) => Some(file),
    Either::Right(((), _)) => None,
}
