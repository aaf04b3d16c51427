//! Publishing, duplicates, and where reading begins.

use capstone_outbox::stream::{PublishAck, Start, Stream, StreamError};
use capstone_outbox::{MessageId, Seq};
use futures::future::join_all;

use super::{Clock, Place, on, orders, publish, text};

on_each_store!(
    reading_begins_where_it_is_told,
    a_reader_goes_over_from_replay_to_live_and_misses_nothing,
    what_is_new_begins_where_a_reader_was_located,
    the_filter_is_a_pattern_and_last_is_the_last_that_it_lets_pass,
    a_filter_that_lets_little_pass_finds_it_behind_thousands,
    an_id_is_a_duplicate_within_the_window_of_time_and_of_count,
    publishers_and_streams_share_the_store_and_each_stream_counts_for_itself,
    names_are_checked_and_a_missing_stream_is_said_so,
);

async fn read(stream: &Stream, start: Start) -> String {
    let mut reader = stream.read(start);
    let mut read = Vec::new();
    while let Some(record) = reader.try_next().await.unwrap() {
        read.push(text(&record.message.payload));
    }
    read.join(" ")
}

async fn reading_begins_where_it_is_told(place: Place) {
    let stream = place.stream(orders()).await;
    for payload in ["1", "2", "3", "4"] {
        publish(&stream, &[payload]).await;
        place.clock.advance(1_000);
    }
    for (start, expected) in [
        (Start::First, "1 2 3 4"),
        (Start::New, ""),
        (Start::Last, "4"),
        (Start::Seq(Seq(3)), "3 4"),
        (Start::Seq(Seq(0)), "1 2 3 4"),
        (Start::Time(Clock::at(0)), "1 2 3 4"),
        (Start::Time(Clock::at(1)), "2 3 4"),
        (Start::Time(Clock::at(1_000)), "2 3 4"),
        (Start::Time(Clock::at(3_001)), ""),
    ] {
        assert_eq!(read(&stream, start).await, expected, "{start:?}");
        let mut consumer = stream.ephemeral_consumer().start(start).open().await.unwrap();
        let given: Vec<String> = super::all(&mut consumer).await.iter().map(|d| text(&d.payload)).collect();
        assert_eq!(given.join(" "), expected, "a consumer, {start:?}");
    }
}

async fn a_reader_goes_over_from_replay_to_live_and_misses_nothing(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["1", "2"]).await;
    let mut reader = stream.read(Start::First);
    // More than a page, published while it reads.
    let published: Vec<String> = (3..=700).map(|n| n.to_string()).collect();
    let publishing = async {
        for payload in &published {
            stream.publish(on("orders.created", payload)).await.unwrap();
        }
    };
    let reading = async {
        for n in 1..=700 {
            let record = reader.next().await.unwrap();
            assert_eq!((record.message.seq, text(&record.message.payload)), (Seq(n), n.to_string()));
            assert_eq!(record.gap, 0);
        }
    };
    tokio::join!(publishing, reading);
}

async fn what_is_new_begins_where_a_reader_was_located(place: Place) {
    let stream = place.stream(orders()).await;
    publish(&stream, &["old"]).await;
    let mut reader = stream.read(Start::New).locate().await.unwrap();
    publish(&stream, &["new"]).await;
    assert_eq!(text(&reader.next().await.unwrap().message.payload), "new");
}

async fn the_filter_is_a_pattern_and_last_is_the_last_that_it_lets_pass(place: Place) {
    let stream = place.stream(orders()).await;
    for topic in ["orders.eu.created", "orders.us.created", "orders.eu.paid", "users.created"] {
        stream.publish(on(topic, topic)).await.unwrap();
    }
    for (filter, start, expected) in [
        ("orders.*.created", Start::First, "orders.eu.created orders.us.created"),
        ("orders.eu.>", Start::First, "orders.eu.created orders.eu.paid"),
        ("orders.>", Start::Last, "orders.eu.paid"),
        ("nobody", Start::Last, ""),
    ] {
        let builder = stream.ephemeral_consumer().filter(filter.parse().unwrap()).start(start);
        let mut consumer = builder.open().await.unwrap();
        let given: Vec<String> = super::all(&mut consumer).await.iter().map(|d| d.topic.clone()).collect();
        assert_eq!(given.join(" "), expected, "{filter}");
        let mut reader = stream.read(start).filter(filter.parse().unwrap());
        let mut read = Vec::new();
        while let Some(record) = reader.try_next().await.unwrap() {
            read.push(record.message.topic);
        }
        assert_eq!(read.join(" "), expected, "a reader, {filter}");
    }
}

async fn a_filter_that_lets_little_pass_finds_it_behind_thousands(place: Place) {
    let stream = place.stream(orders()).await;
    let mut messages: Vec<_> = (0..9_000).map(|_| on("noise", "")).collect();
    messages.push(on("signal", "here"));
    stream.publish_batch(messages).await.unwrap();
    let builder = stream.consumer("listener").filter("signal".parse().unwrap());
    let mut consumer = builder.open().await.unwrap();
    assert_eq!(text(&consumer.next().await.unwrap().payload), "here");
}

async fn an_id_is_a_duplicate_within_the_window_of_time_and_of_count(place: Place) {
    let stream = place.stream(orders().dedup(super::Duration::from_secs(120), 3)).await;
    let id = MessageId::generate();
    let shown = |ack: PublishAck| (ack.seq, ack.is_duplicate);
    let publish_it = async || shown(stream.publish(on("orders.created", "1").with_id(id)).await.unwrap());
    let new = |seq| (Seq(seq), false);
    let old = |seq| (Seq(seq), true);

    assert_eq!(publish_it().await, new(1));
    place.clock.advance(119_999);
    assert_eq!(publish_it().await, old(1), "the last millisecond; a repeat does not begin it anew");
    place.clock.advance(1);
    assert_eq!(publish_it().await, new(2), "two minutes are over");

    publish(&stream, &["a", "b"]).await;
    assert_eq!(publish_it().await, old(2), "the third message from the end");
    publish(&stream, &["c"]).await;
    assert_eq!(publish_it().await, new(6), "three are behind it");

    let twice = vec![on("a", "").with_id(MessageId::generate()); 2];
    let twice = stream.publish_batch(twice).await.unwrap();
    assert_eq!([shown(twice[0]), shown(twice[1])], [new(7), old(7)], "in one batch too");
}

async fn publishers_and_streams_share_the_store_and_each_stream_counts_for_itself(place: Place) {
    let streams = place.streams().await;
    let orders = streams.create(orders()).await.unwrap();
    let users = streams.create(super::StreamConfig::new("users")).await.unwrap();
    let acks = join_all((0..100).map(|_| orders.publish(on("orders.created", "")))).await;
    let mut seqs: Vec<i64> = acks.into_iter().map(|ack| ack.unwrap().seq.0).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=100).collect::<Vec<_>>());
    assert_eq!(users.publish(on("users.created", "")).await.unwrap().seq, Seq(1));
    let names: Vec<_> =
        streams.list().await.unwrap().iter().map(|i| (i.config.name().to_owned(), i.messages())).collect();
    assert_eq!(names, [("orders".to_owned(), 100), ("users".to_owned(), 1)]);
}

async fn names_are_checked_and_a_missing_stream_is_said_so(place: Place) {
    let streams = place.streams().await;
    let error = streams.get("orders").await.unwrap_err();
    assert_eq!(error.to_string(), "stream \"orders\" does not exist");
    for name in ["", "a.b", "a b", "a*", "ä", &"x".repeat(65)] {
        let error = streams.create(super::StreamConfig::new(name)).await.unwrap_err();
        assert!(matches!(error, StreamError::Name { kind: "stream", .. }), "{error}");
    }
    let stream = streams.create(orders()).await.unwrap();
    let error = stream.consumer("a.b").open().await.err().unwrap();
    assert_eq!(error.to_string(), "consumer \"a.b\": a name has 1 to 64 letters, digits, - and _");
}
