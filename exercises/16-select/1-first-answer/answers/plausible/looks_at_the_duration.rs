//! Compares how long the mirrors are going to take, which nobody knows before the download.
//~ does not compile: field `takes` of struct `Mirror` is private
let faster = if one.takes <= other.takes { one } else { other };
tokio::time::timeout(PATIENCE, faster.download()).await.ok()
