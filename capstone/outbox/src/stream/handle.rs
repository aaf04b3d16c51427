//! The streams of a store, and one of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::builder::ConsumerBuilder;
use super::config::{Lifetime, Start, StreamConfig, check_name};
use super::error::StreamError;
use super::reader::Reader;
use super::store::{
    ConsumerInfo, DeadLetter, Letters, PublishAck, Redriven, Step, StreamId, StreamInfo, StreamStore, Walk,
};
use crate::message::{Message, MessageId, Seq};

/// The streams of a store. Cheap to clone.
#[derive(Clone)]
pub struct Streams {
    store: Arc<dyn StreamStore>,
}

/// One stream: publishes, and makes consumers. Cheap to clone.
#[derive(Clone)]
pub struct Stream {
    store: Arc<dyn StreamStore>,
    id: StreamId,
    name: Arc<str>,
}

impl Streams {
    /// The streams in this store.
    pub fn new(store: Arc<impl StreamStore>) -> Self {
        Self { store }
    }

    /// Creates a stream, or gives the one of this name this configuration. Safe to repeat.
    ///
    /// # Errors
    /// [`StreamError::Name`], and those of the store.
    ///
    /// # Cancel safety
    /// Dropped, it may have been created.
    pub async fn create(&self, config: StreamConfig) -> Result<Stream, StreamError> {
        check_name("stream", &config.name)?;
        let info = self.store.create(config).await?;
        Ok(self.handle(&info))
    }

    /// The stream of this name.
    ///
    /// # Errors
    /// [`StreamError::NoStream`], and those of the store.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn get(&self, name: &str) -> Result<Stream, StreamError> {
        let info = self.store.info(name.to_owned()).await?;
        info.map(|info| self.handle(&info)).ok_or_else(|| StreamError::NoStream { name: name.to_owned() })
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn list(&self) -> Result<Vec<StreamInfo>, StreamError> {
        Ok(self.store.streams().await?)
    }

    /// Deletes a stream with all that it holds, its consumers and their dead letters. `false`: there is none of this name. In
    /// steps, so that nobody waits for all of it; whoever publishes then is told that there is
    /// [no such stream](StreamError::NoStream).
    ///
    /// # Errors
    /// Those of the store. Some of it may be gone; it can be deleted again.
    ///
    /// # Cancel safety
    /// Dropped, some of it is gone; as after an error.
    pub async fn delete(&self, name: &str) -> Result<bool, StreamError> {
        let Some(info) = self.store.info(name.to_owned()).await? else { return Ok(false) };
        while self.store.delete(info.id).await? {}
        Ok(true)
    }

    /// One small step of forgetting what the inboxes of this database have seen longer ago than this, which has to be longer than
    /// a message can take to come again (`None`: nothing of that); and answers to operators after a day. `true`: there is more to do.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Dropped, the step is done or not.
    pub async fn forget(&self, seen_before: Option<Duration>) -> Result<bool, StreamError> {
        Ok(self.store.forget(seen_before).await?)
    }

    /// One small step of retention, and of forgetting ephemeral consumers whose process has died. `true`: there is
    /// more to do. For streams with an age bound that nobody publishes to: call it now and then.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Dropped, the step is done or not.
    pub async fn tidy(&self) -> Result<bool, StreamError> {
        Ok(self.store.tidy().await?)
    }

    fn handle(&self, info: &StreamInfo) -> Stream {
        Stream { store: Arc::clone(&self.store), id: info.id, name: info.config.name.as_str().into() }
    }
}

impl Stream {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which one it is in its store.
    #[must_use]
    pub fn id(&self) -> StreamId {
        self.id
    }

    /// Appends a message and returns when it is committed. Publishers of one process that wait together share a commit; a batch
    /// is faster still. The messages of one caller come in the order in which it began to publish them.
    ///
    /// # Errors
    /// Those of the store; then it is unknown whether the message was appended, and publishing it again with the same
    /// id does no harm within the dedup window.
    ///
    /// # Cancel safety
    /// Dropped, it is appended or not; as after an error.
    pub async fn publish(&self, message: Message) -> Result<PublishAck, StreamError> {
        let acks = self.publish_batch(vec![message]).await?;
        Ok(acks.into_iter().next().expect("an answer for each message"))
    }

    /// Appends messages in this order, all or none. One answer for each.
    ///
    /// # Errors
    /// Those of [`publish`](Self::publish).
    ///
    /// # Cancel safety
    /// That of `publish`, for all of them together.
    pub async fn publish_batch(&self, messages: Vec<Message>) -> Result<Vec<PublishAck>, StreamError> {
        let acks = self.store.append(self.id, messages).await?;
        acks.ok_or_else(|| self.missing())
    }

    /// A durable consumer: the store remembers where it is, under this name.
    pub fn consumer(&self, name: impl Into<String>) -> ConsumerBuilder {
        ConsumerBuilder::new(Arc::clone(&self.store), self.id, name.into(), Lifetime::Durable)
    }

    /// A consumer that is forgotten when it is dropped. It begins with what is new unless told otherwise.
    pub fn ephemeral_consumer(&self) -> ConsumerBuilder {
        let name = MessageId::generate().to_string();
        ConsumerBuilder::new(Arc::clone(&self.store), self.id, name, Lifetime::Ephemeral).start(Start::New)
    }

    /// Reads without acknowledging and without writing: for a replay, or to follow the tail. JetStream calls it an
    /// ordered consumer.
    pub fn read(&self, start: Start) -> Reader {
        Reader::new(Arc::clone(&self.store), self.id, start)
    }

    /// What it holds now.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn info(&self) -> Result<StreamInfo, StreamError> {
        self.store.info(self.name.to_string()).await?.ok_or_else(|| self.missing())
    }

    /// Takes away all messages below this place, whatever the stream keeps, in steps. Returns how many.
    ///
    /// # Errors
    /// Those of the store. Some of them may be gone.
    ///
    /// # Cancel safety
    /// Dropped, some of them are gone. Safe to repeat.
    pub async fn trim(&self, below: Seq) -> Result<u64, StreamError> {
        let mut gone = 0;
        loop {
            match self.store.cut(self.id, below).await? {
                0 => return Ok(gone),
                cut => gone += cut,
            }
        }
    }

    /// Takes away all messages that it holds now. Numbers are not used again.
    ///
    /// # Errors
    /// Those of [`trim`](Self::trim).
    ///
    /// # Cancel safety
    /// That of `trim`.
    pub async fn purge(&self) -> Result<u64, StreamError> {
        let end = self.locate(Start::New).await?;
        self.trim(end).await
    }

    /// The place that a start means now, without a filter.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn locate(&self, start: Start) -> Result<Seq, StreamError> {
        Ok(self.store.locate(self.id, start, None).await?)
    }

    fn missing(&self) -> StreamError {
        StreamError::NoStream { name: self.name.to_string() }
    }

    /// Its consumers, by name.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn consumers(&self) -> Result<Vec<ConsumerInfo>, StreamError> {
        Ok(self.store.consumers(self.id).await?)
    }

    /// Forgets a consumer and where it was. `false`: there is none of this name. Its members get
    /// [`StreamError::NoConsumer`], its dead letters stay.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Dropped, it is forgotten or not.
    pub async fn delete_consumer(&self, name: &str) -> Result<bool, StreamError> {
        Ok(self.store.delete_consumer(self.id, name.to_owned()).await?)
    }

    /// What this consumer has given up or, without one, all of them; the oldest first, at most `limit`.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn dead_letters(
        &self,
        consumer: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StreamError> {
        Ok(self.store.dead_letters(self.id, consumer.map(str::to_owned), limit).await?)
    }

    /// Delivers dead letters of a consumer again, to it alone, with all their deliveries. What it has been given since came
    /// before them: order does not hold for them. A message that retention takes before it is delivered is
    /// [missed](ConsumerInfo::missed), like every other one. In steps, so that nobody waits for all of them; what is given up
    /// meanwhile stays.
    ///
    /// # Errors
    /// [`StreamError::NoConsumer`], and those of the store.
    ///
    /// # Cancel safety
    /// Dropped, some of them are delivered again. Safe to repeat.
    pub async fn redrive(&self, consumer: &str, letters: Letters) -> Result<Redriven, StreamError> {
        let mut redriven = Redriven::default();
        let mut walk = Some(Walk::default());
        while let Some(at) = walk {
            let step = self.store.redrive(self.id, consumer.to_owned(), letters, at).await?;
            let Step { done, next } =
                step.ok_or_else(|| StreamError::NoConsumer { name: consumer.to_owned() })?;
            redriven.again += done.again;
            redriven.gone += done.gone;
            redriven.ahead += done.ahead;
            walk = next;
        }
        Ok(redriven)
    }

    /// Deletes dead letters of a consumer for ever, also of one that was [deleted](Self::delete_consumer). Returns how many.
    /// In steps, as [`redrive`](Self::redrive).
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// # Cancel safety
    /// Dropped, some of them are deleted. Safe to repeat.
    pub async fn discard(&self, consumer: &str, letters: Letters) -> Result<u64, StreamError> {
        let mut discarded = 0;
        let mut walk = Some(Walk::default());
        while let Some(at) = walk {
            let Step { done, next } = self.store.discard(self.id, consumer.to_owned(), letters, at).await?;
            discarded += done;
            walk = next;
        }
        Ok(discarded)
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("name", &self.name).finish_non_exhaustive()
    }
}
