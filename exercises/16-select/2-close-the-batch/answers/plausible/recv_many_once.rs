//! `recv_many` returns as soon as it has one event. It does not wait for four.
//~ fails with: at 10 ms batch logged "closed with [7]", which was not expected
let _closed_by_time = tokio::time::timeout(OPEN, events.recv_many(&mut batch, FULL)).await;
