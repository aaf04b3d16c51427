//! What every sink must do.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use tokio::time::{Instant, timeout};

use super::cancel::dropped_at;
use crate::message::{Envelope, Headers, Message, MessageId, Seq};
use crate::sink::{Attempt, Sink, SinkError};

/// Nothing here takes this long, unless it never ends.
const NEVER: Duration = Duration::from_secs(60);

/// A fresh sink, whose receiving side has nothing yet, and a look at that side.
pub trait Subject {
    /// What is tested.
    type Sink: Sink;

    /// The sink.
    fn sink(&self) -> &Self::Sink;

    /// The topic that the suite publishes to.
    fn topic(&self) -> String {
        "orders.created".to_owned()
    }

    /// What has arrived, in that order.
    fn received(&self) -> impl Future<Output = Vec<Received>>;
}

/// A message as its receiver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// By which a repeat is recognized.
    pub id: MessageId,
    /// Whose order it belongs to.
    pub key: Option<String>,
    /// Those of the message, without what the sink adds.
    pub headers: Headers,
    /// The bytes.
    pub payload: Bytes,
}

impl Received {
    /// A message that has arrived.
    #[must_use]
    pub fn new(id: MessageId, key: Option<String>, headers: Headers, payload: impl Into<Bytes>) -> Self {
        Self { id, key, headers, payload: payload.into() }
    }
}

/// As a sink gets it.
impl From<&Envelope> for Received {
    fn from(message: &Envelope) -> Self {
        let headers = message.headers().unwrap_or_default();
        let key = message.key.as_deref().map(ToOwned::to_owned);
        Self { id: message.id, key, headers, payload: message.payload.clone() }
    }
}

/// As an application enqueues it.
impl From<&Message> for Received {
    fn from(message: &Message) -> Self {
        let Message { id, key, headers, payload, .. } = message.clone();
        Self { id, key, headers, payload }
    }
}

/// All promises, one after the other, each with a subject of its own.
pub async fn all<S: Subject>(make: impl AsyncFn() -> S) {
    what_is_taken_has_arrived_as_it_was(&make).await;
    messages_of_a_key_arrive_in_their_order(&make).await;
    many_at_once_arrive_once_each(&make).await;
    a_repeat_has_the_same_id(&make).await;
    what_can_never_be_sent_is_said_so_and_stops_nothing(&make).await;
    a_publish_that_is_dropped_harms_no_other(&make).await;
}

/// After `Ok` it is there: every byte of the payload, the key and the headers.
pub async fn what_is_taken_has_arrived_as_it_was<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let long = vec![b'x'; 64 * 1024];
    let payloads: [&[u8]; 7] =
        [b"{\"cents\":1250}", b"", b"not JSON", b"a\nb\r\n", b"\x00\xff\xfe", "ü€".as_bytes(), &long];
    for (number, payload) in (1..).zip(payloads) {
        let mut message = message(&subject, number, "order-1", payload);
        message.headers_json = r#"{"trace":"t1","umlaut":"ue"}"#.to_owned();
        let taken = publish(&subject, &message).await;
        assert_eq!(taken, Ok(()), "a payload of {} bytes", payload.len());
        let last = subject.received().await.pop();
        assert_eq!(last, Some(Received::from(&message)), "it was taken and is not there, or another one");
    }
    let alone = message(&subject, 100, "", b"1");
    assert_eq!(publish(&subject, &alone).await, Ok(()));
    assert_eq!(subject.received().await.pop(), Some(Received::from(&alone)), "without key and headers");
}

/// The relay publishes them one after the other.
pub async fn messages_of_a_key_arrive_in_their_order<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let of_key = async |key: &str| {
        for number in 1..=20 {
            let message = message(&subject, number, key, number.to_string().as_bytes());
            assert_eq!(publish(&subject, &message).await, Ok(()));
        }
    };
    futures::join!(of_key("a"), of_key("b"));
    let received = subject.received().await;
    for key in ["a", "b"] {
        let of_key = received.iter().filter(|message| message.key.as_deref() == Some(key));
        let numbers: Vec<&[u8]> = of_key.map(|message| &message.payload[..]).collect();
        let expected: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
        assert_eq!(numbers, expected.iter().map(String::as_bytes).collect::<Vec<_>>(), "of key {key}");
    }
}

/// The relay publishes those of different keys at once, as many as its window has.
pub async fn many_at_once_arrive_once_each<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let messages: Vec<Envelope> =
        (1..=200).map(|number| message(&subject, number, &format!("k{number}"), b"1")).collect();
    let outcomes = join_all(messages.iter().map(|message| publish(&subject, message))).await;
    let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    // A sink may refuse what is too much; what it took it has.
    assert!(refused < messages.len(), "it takes none of many: {:?}", outcomes[0]);
    let taken = messages.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
    let taken: BTreeSet<MessageId> = taken.map(|(message, _)| message.id).collect();
    let received: Vec<MessageId> = subject.received().await.into_iter().map(|message| message.id).collect();
    let missing = taken.iter().filter(|id| !received.contains(id)).count();
    let twice = received.len() - received.iter().collect::<BTreeSet<_>>().len();
    assert_eq!((missing, twice), (0, 0), "missing, twice: of {} that were taken", taken.len());
}

/// After a kill a message is published again: its receiver must be able to tell.
pub async fn a_repeat_has_the_same_id<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let message = message(&subject, 1, "a", b"1");
    for _ in 0..2 {
        assert_eq!(publish(&subject, &message).await, Ok(()), "a repeat is no error");
    }
    let received = subject.received().await;
    assert!((1..=2).contains(&received.len()), "{received:?}");
    assert!(received.iter().all(|received| *received == Received::from(&message)), "{received:?}");
}

/// Rows may come from any program. What a sink cannot send it refuses for good, and goes on: with any other error the message
/// would be tried for hours, or all others would wait. A topic that nobody takes yet may be taken later.
pub async fn what_can_never_be_sent_is_said_so_and_stops_nothing<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let headers = ["{", "[]", r#"{"a":1}"#, r#"{"a b\n":"c"}"#, r#"{"":""}"#, r#"{"a":"b\r\nc: d"}"#];
    for headers in headers {
        let odd = Envelope { headers_json: headers.into(), ..message(&subject, 1, "a", b"1") };
        let outcome = publish(&subject, &odd).await;
        assert!(matches!(outcome, Ok(()) | Err(SinkError::Permanent(_))), "headers {headers}: {outcome:?}");
    }
    for topic in ["", "a..b", "a b", "a\nb", "*", ">", "ü"] {
        let odd = Envelope { topic: topic.into(), ..message(&subject, 1, "a", b"1") };
        let outcome = publish(&subject, &odd).await;
        let is_right = matches!(outcome, Ok(()) | Err(SinkError::Permanent(_) | SinkError::Retryable(_)));
        assert!(is_right, "topic {topic:?}: {outcome:?}");
    }
    let sound = message(&subject, 2, "a", b"2");
    assert_eq!(publish(&subject, &sound).await, Ok(()), "what came before has stopped it");
    assert_eq!(subject.received().await.pop(), Some(Received::from(&sound)));
}

/// The relay drops a publish at its deadline, wherever it is then.
pub async fn a_publish_that_is_dropped_harms_no_other<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    for polls in 1..20 {
        let number = 2 * i64::try_from(polls).expect("a few");
        let dropped = message(&subject, number, "a", b"dropped");
        let outcome = dropped_at(polls, publish(&subject, &dropped)).await;
        let kept = message(&subject, number + 1, "b", b"kept");
        assert_eq!(publish(&subject, &kept).await, Ok(()), "after one that was dropped at its {polls}. poll");
        let received = subject.received().await;
        let of = |message: &Envelope| {
            received.iter().filter(|received| received.id == message.id).collect::<Vec<_>>()
        };
        assert_eq!(of(&kept), [&Received::from(&kept)], "after one that was dropped at its {polls}. poll");
        let whole = Received::from(&dropped);
        assert!(of(&dropped).into_iter().all(|received| *received == whole), "a part of it has arrived");
        if outcome.is_some() {
            return;
        }
    }
}

async fn publish(subject: &impl Subject, message: &Envelope) -> Result<(), SinkError> {
    let attempt = Attempt::new(1, Instant::now() + NEVER);
    timeout(NEVER, subject.sink().publish(message, attempt)).await.expect("a publish ends")
}

/// A message of `key`, none if empty.
fn message(subject: &impl Subject, number: i64, key: &str, payload: &[u8]) -> Envelope {
    let (id, payload) = (MessageId::generate(), Bytes::copy_from_slice(payload));
    let mut message = Envelope::new(Seq(number), id, subject.topic(), payload);
    message.key = (!key.is_empty()).then(|| key.into());
    message
}
