//! [`Session`]: carries out what a client says, once it has said who it is. No I/O.
//!
//! Awaits nothing: whoever runs it does, when it says [`Step::Wait`].

use std::collections::HashMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::Limits;
use super::batch::Batch;
use super::codec::{Command, Connect, DecodeError, Decoder, Publish, Subscribe, encode, parse_headers};
use super::feed::{Feed, HeadersWanted};
use super::outbound::Outbound;
use super::subjects::{self, Subjects};
use crate::mailbox::Patience;
use crate::offered::Offered;
use crate::outlet::{Attachment, Origin};
use crate::router::Remembered;
use crate::{Bus, Headers, Message, PublishError, SubscribeError, Topic};

/// See the module.
#[derive(Debug)]
pub(super) struct Session {
    bus: Bus,
    limits: Limits,
    origin: Origin,
    options: Connect,
    decoder: Decoder,
    outbound: Arc<Outbound>,
    subjects: Subjects,
    /// Who wanted the last message, and its topic.
    route: Remembered,
    /// By the client's own names.
    subscriptions: HashMap<Bytes, Subscribed>,
    /// Subscriptions that end by themselves.
    limited: usize,
}

#[derive(Debug)]
struct Subscribed {
    feed: Arc<Feed>,
    /// Its drop takes the feed out of the bus.
    attachment: Attachment,
}

/// Where a batch of commands has stopped.
#[derive(Debug)]
pub(super) enum Step {
    /// Everything that came is carried out.
    Starved,
    /// The next command must wait: for subscriptions of this process that block, and for clients that are behind.
    Wait(Option<Offered>),
}

/// Why a connection ends from our side.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The client is told so with an `-ERR`.
    Told(String),
    /// The bus is closed; the client may look for another server.
    BusClosed,
}

impl From<&str> for Refusal {
    fn from(text: &str) -> Self {
        Self::Told(text.to_owned())
    }
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self::Told(error.to_string())
    }
}

/// What a publish came to.
enum Published {
    Done,
    Wait(Offered),
}

impl Session {
    /// For a client whose `CONNECT` was accepted.
    pub(super) fn new(
        bus: Bus,
        limits: Limits,
        origin: Origin,
        options: Connect,
        outbound: Arc<Outbound>,
    ) -> Result<Self, Refusal> {
        if options.no_responders && !options.headers {
            return Err("no responders requires headers support".into());
        }
        let decoder = Decoder::new(limits.control_line_max, limits.payload_max);
        let session = Self {
            bus,
            limits,
            origin,
            options,
            decoder,
            outbound,
            subjects: Subjects::default(),
            route: Remembered::default(),
            subscriptions: HashMap::new(),
            limited: 0,
        };
        session.ok();
        Ok(session)
    }

    /// Carries out commands until none is left, or the next must wait. Reports what the client said to our `PING`s.
    pub(super) fn step(
        &mut self,
        buffer: &mut BytesMut,
        mut on_pong: impl FnMut(),
    ) -> (Result<Step, Refusal>, Batch) {
        Batch::collect(|| {
            self.forget_what_is_over();
            while let Some(command) = self.decoder.decode(buffer)? {
                match command {
                    Command::Publish(publish) => {
                        if let Published::Wait(offered) = self.publish(publish)? {
                            return Ok(Step::Wait(Some(offered)));
                        }
                    }
                    Command::Ping => {
                        self.outbound.say(|out| out.extend_from_slice(encode::PONG));
                    }
                    Command::Pong => on_pong(),
                    Command::Subscribe(subscribe) => self.subscribe(&subscribe)?,
                    Command::Unsubscribe { sid, max } => self.unsubscribe(&sid, max),
                    Command::Connect(_) => return Err("CONNECT was sent before".into()),
                }
                if Batch::is_pressed() {
                    return Ok(Step::Wait(None));
                }
            }
            self.forget_what_is_over();
            Ok(Step::Starved)
        })
    }

    fn publish(&mut self, publish: Publish) -> Result<Published, Refusal> {
        let headers = match publish.headers() {
            None => Headers::new(),
            Some(_) if !self.options.headers => return Err("message headers not supported".into()),
            Some(block) => {
                parse_headers(block).map_err(|error| Refusal::Told(format!("Invalid Headers: {error}")))?
            }
        };
        let Some(topic) = self.subjects.topic(publish.subject()) else {
            self.deny("Publish to", publish.subject());
            return Ok(Published::Done);
        };
        // Kept until the reply is out: its end would tell the request that nobody is left who could reply.
        let request = subjects::is_inbox(&topic).then(|| self.outbound.take_request(&topic));
        if let Some(None) = request {
            self.deny("Publish to", publish.subject());
            return Ok(Published::Done);
        }
        let reply = match publish.reply() {
            None => None,
            Some(text) => match subjects::parse(text).filter(|reply| !subjects::is_inbox(reply)) {
                Some(reply) => Some(reply),
                None => {
                    self.deny("Publish with Reply of", text);
                    return Ok(Published::Done);
                }
            },
        };
        let mut message = Message::new(topic, publish.into_payload());
        message.headers = headers;
        message.reply = reply.clone();
        let offered =
            self.bus.shared().offer_remembering(&mut self.route, message, Patience::Wait, self.origin);
        drop(request);
        match offered {
            Err(PublishError::Reserved(message)) => {
                self.deny("Publish to", message.topic.as_str().as_bytes());
                Ok(Published::Done)
            }
            Err(_closed) => Err(Refusal::BusClosed),
            Ok(offered) => {
                self.ok();
                if let Some(reply) = reply
                    && self.options.no_responders
                    && offered.is_unmatched()
                {
                    self.no_responders(&reply);
                }
                Ok(if offered.is_settled() { Published::Done } else { Published::Wait(offered) })
            }
        }
    }

    /// Tells the client so at its own subscription to the reply, as if somebody had replied.
    fn no_responders(&self, reply: &Topic) {
        let mine = self.subscriptions.values().find(|mine| mine.attachment.port.pattern.matches(reply));
        if let Some(mine) = mine {
            mine.feed.no_responders(reply.as_str());
        }
    }

    fn subscribe(&mut self, subscribe: &Subscribe) -> Result<(), Refusal> {
        let Subscribe { subject, queue, sid } = subscribe;
        self.forget_what_is_over();
        if self.subscriptions.contains_key(sid) {
            // As nats-server: the first one stays.
            self.ok();
            return Ok(());
        }
        let group = queue.as_deref().map(subjects::group);
        let (Some(pattern), None | Some(Some(_))) = (subjects::pattern(subject), &group) else {
            self.deny("Subscription to", subject);
            return Ok(());
        };
        if self.subscriptions.len() >= self.limits.subscriptions_max {
            return Err("maximum subscriptions exceeded".into());
        }
        let deaf_to = (!self.options.echo).then_some(self.origin);
        let headers = if self.options.headers { HeadersWanted::Yes } else { HeadersWanted::No };
        let feed = Arc::new(Feed::new(&self.outbound, sid.clone(), deaf_to, headers));
        // First the answer: a message may come from another connection at any time from here on.
        self.ok();
        let attached = self.bus.attach(pattern, group.flatten(), Arc::clone(&feed) as _);
        let attachment = attached.map_err(|_: SubscribeError| Refusal::BusClosed)?;
        self.subscriptions.insert(sid.clone(), Subscribed { feed, attachment });
        Ok(())
    }

    fn unsubscribe(&mut self, sid: &Bytes, max: Option<u64>) {
        // One that is over, or never was, is no error: the client may not have heard of its end yet.
        if let Some(subscribed) = self.subscriptions.get(sid) {
            let was_limited = subscribed.feed.is_limited();
            let over = max.is_none_or(|max| subscribed.feed.end_after(max));
            match (was_limited, over) {
                (_, true) => {
                    self.limited -= usize::from(was_limited);
                    self.subscriptions.remove(sid);
                }
                (false, false) => self.limited += 1,
                (true, false) => {}
            }
        }
        self.ok();
    }

    /// Subscriptions that have had all that they wanted end by themselves, where nobody hears of it. The bus skips them
    /// until they are taken out here.
    fn forget_what_is_over(&mut self) {
        if self.limited > 0 {
            let before = self.subscriptions.len();
            self.subscriptions.retain(|_, subscribed| !subscribed.feed.is_over());
            self.limited -= before - self.subscriptions.len();
        }
    }

    /// Answers a command of a client that wants every one answered.
    fn ok(&self) {
        if self.options.verbose {
            self.outbound.say(|out| out.extend_from_slice(encode::OK));
        }
    }

    /// Refuses a subject, and keeps the connection: clients go on after this error, and after no other.
    fn deny(&self, what: &str, subject: &[u8]) {
        let subject = String::from_utf8_lossy(subject);
        let text = format!("Permissions Violation for {what} \"{subject}\"");
        self.outbound.say(|out| encode::error(out, &text));
    }
}
