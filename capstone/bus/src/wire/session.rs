//! [`Session`]: carries out what a client says. No I/O.
//!
//! Awaits nothing: whoever runs it does, when it says [`Step::Wait`].

use std::collections::HashMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::attachment::Attachment;
use super::batch::{Batch, Stall};
use super::codec::encode::Info;
use super::codec::{Command, Connect, Decoder, Publish, Subscribe, encode};
use super::feed::{Client, Feed};
use super::permissions::Permissions;
use super::refusal::Refusal;
use super::responses::Responses;
use super::serving::Serving;
use super::subjects::{self, Access, Subjects};
use super::user_info;
use crate::mailbox::offer::Patience;
use crate::publish::offered::Offered;
use crate::router::outlet::Origin;
use crate::router::router::Remembered;
use crate::topic::reserved;
use crate::{Headers, Message, PublishError, SubscribeError, Topic};

/// See the module.
#[derive(Debug)]
pub(super) struct Session {
    serving: Arc<Serving>,
    info: Info,
    origin: Origin,
    client: Arc<Client>,
    options: Connect,
    /// Whether the client has said what it wants.
    is_connected: bool,
    decoder: Decoder,
    permissions: Arc<Permissions>,
    subjects: Subjects,
    /// Who wanted the last message, and its topic.
    route: Remembered,
    /// By the client's own names.
    subscriptions: HashMap<Bytes, Subscribed>,
}

#[derive(Debug)]
struct Subscribed {
    feed: Arc<Feed>,
    /// Its drop takes the feed out of the bus.
    _attachment: Attachment,
}

/// Where a batch of commands has stopped.
#[derive(Debug)]
pub(super) enum Step {
    /// Everything that came is carried out.
    Starved,
    /// The next command must wait: for subscriptions of this process that block, and for clients that are behind.
    Wait(Option<Offered>),
}

impl Session {
    /// For a client that has not said yet what it wants, and that was told this of the server.
    pub(super) fn new(serving: Arc<Serving>, info: Info, origin: Origin, client: Arc<Client>) -> Self {
        let decoder = Decoder::new(serving.limits.control_line_max, serving.limits.payload_max);
        let options = Connect::default();
        client.wants(&options);
        Self {
            serving,
            info,
            origin,
            client,
            options,
            is_connected: false,
            decoder,
            permissions: Arc::default(),
            subjects: Subjects::default(),
            route: Remembered::default(),
            subscriptions: HashMap::new(),
        }
    }

    /// Carries out commands until none is left, or the next must wait.
    pub(super) fn step(&mut self, buffer: &mut BytesMut, stall: Stall) -> (Result<Step, Refusal>, Batch) {
        Batch::collect(stall, || {
            self.forget_what_is_over();
            while let Some(command) = self.decoder.decode(buffer)? {
                match command {
                    Command::Publish(publish) => {
                        let offered = self.publish(publish)?;
                        if offered.as_ref().is_some_and(|offered| !offered.is_settled()) {
                            return Ok(Step::Wait(offered));
                        }
                    }
                    Command::Ping => self.say(encode::PONG),
                    // Whatever a client says shows that it is there.
                    Command::Pong => {}
                    Command::Subscribe(subscribe) => self.subscribe(&subscribe)?,
                    Command::Unsubscribe { sid, max } => self.unsubscribe(&sid, max),
                    Command::Connect(json) => self.connect(&json)?,
                }
                if Batch::is_pressed() {
                    return Ok(Step::Wait(None));
                }
            }
            self.forget_what_is_over();
            Ok(Step::Starved)
        })
    }

    /// Takes over what the client wants. A later `CONNECT` changes what it names, and ends the subscriptions, as in
    /// nats-server: the client may be another one then.
    fn connect(&mut self, json: &[u8]) -> Result<(), Refusal> {
        self.options.update(json)?;
        let options = &self.options;
        if let Some(credentials) = &self.serving.credentials {
            let permissions = credentials.admit(options).ok_or(Refusal::Unauthorised)?;
            self.permissions = Arc::clone(permissions);
            self.subjects = Subjects::new(Arc::clone(permissions));
            self.client.outbound.expect_responses(permissions.responds.then(Responses::default));
        }
        if !(0..=1).contains(&options.protocol) {
            return Err("invalid client protocol".into());
        }
        if options.no_responders && !options.headers {
            return Err("no responders requires headers support".into());
        }
        if self.is_connected {
            self.subscriptions.clear();
        }
        self.is_connected = true;
        self.client.wants(options);
        self.ok();
        Ok(())
    }

    /// Offers the message; `None` when there is nobody whom it could be offered to.
    fn publish(&mut self, publish: Publish) -> Result<Option<Offered>, Refusal> {
        if publish.headers().is_some() && !self.options.headers {
            return Err(Refusal::Silent("headers from a client that does not know them".to_owned()));
        }
        let Some((topic, access)) = self.subjects.topic(publish.subject()) else {
            self.publish_on_none(&publish);
            return Ok(None);
        };
        if reserved::is_of_bus(&topic) {
            return self.publish_on_own(&publish);
        }
        if access == Access::Denied && !self.client.outbound.take_response(&topic) {
            self.deny("Publish to", publish.subject());
            // Unlike nats-server, where who asks is left to wait for its timeout.
            self.ends_request(&publish);
            return Ok(None);
        }
        // Kept until the reply is out: its end would tell the request that nobody is left who could reply.
        let request = subjects::is_inbox(&topic).then(|| self.client.outbound.take_request(&topic));
        if matches!(request, Some(None)) {
            self.unheard(&publish);
            return Ok(None);
        }
        let reply = match publish.reply() {
            None => None,
            Some(text) => match subjects::parse(text).filter(|reply| !subjects::is_inbox(reply)) {
                Some(reply) => Some(reply),
                None => {
                    self.deny("Publish with Reply of", text);
                    return Ok(None);
                }
            },
        };
        let asked = reply.clone().map(|reply| (topic.clone(), reply));
        let (block, payload) = publish.into_parts();
        let mut message = Message::new(topic, payload);
        message = message.with_headers(Headers::from_block(block));
        message.set_reply(reply);
        self.ok();
        let offered = self.offer(message, self.origin)?;
        drop(request);
        if let Some((topic, reply)) = asked
            && offered.is_unmatched()
        {
            self.no_responders(topic.as_str().as_bytes(), &reply);
        }
        Ok(Some(offered))
    }

    /// A subject that the bus does not know as a topic. Where nats-server knows none either, it takes the message all the
    /// same, for nobody.
    fn publish_on_none(&self, publish: &Publish) {
        if !subjects::matches_nothing(publish.subject()) {
            return self.unheard(publish);
        }
        self.ok();
        if self.options.pedantic {
            self.error("Invalid Publish Subject");
        }
        self.ends_request(publish);
    }

    /// A subject of the bus's own. A client may ask there who it is, and nothing else.
    fn publish_on_own(&mut self, publish: &Publish) -> Result<Option<Offered>, Refusal> {
        if publish.subject() != user_info::SUBJECT {
            self.unheard(publish);
            return Ok(None);
        }
        self.ok();
        let reply = publish.reply().and_then(subjects::parse);
        let Some(reply) = reply.filter(|reply| !subjects::is_inbox(reply) && !reserved::is_of_bus(reply))
        else {
            return Ok(None);
        };
        let user = self.options.user.as_deref().filter(|_| self.serving.credentials.is_some());
        let answer =
            Message::new(reply, user_info::answer(&self.info, user.unwrap_or_default(), &self.permissions));
        self.offer(answer, Origin::LOCAL).map(Some)
    }

    fn offer(&mut self, message: Message, origin: Origin) -> Result<Offered, Refusal> {
        let shared = self.serving.bus.shared();
        let offered = shared.offer_remembering(&mut self.route, message, Patience::Wait, origin);
        offered.map_err(|_: PublishError| Refusal::BusClosed)
    }

    /// For a message that nobody can get: who asks something with it hears at once that nobody is there, which ends the
    /// request; of any other the client is told that it was refused.
    fn unheard(&self, publish: &Publish) {
        if self.ends_request(publish) {
            self.ok();
        } else {
            self.deny("Publish to", publish.subject());
        }
    }

    /// If this is a request: see [`no_responders`](Self::no_responders).
    fn ends_request(&self, publish: &Publish) -> bool {
        let reply = publish.reply().and_then(subjects::parse);
        reply.is_some_and(|reply| self.no_responders(publish.subject(), &reply))
    }

    /// Tells the client so at its own subscription to the reply, as if somebody had replied; says whether it wants to know.
    fn no_responders(&self, subject: &[u8], reply: &Topic) -> bool {
        if !self.options.no_responders {
            return false;
        }
        let route = self.serving.bus.shared().router.route(reply);
        let outlets = route.map(|route| route.matched.outlets).unwrap_or_default();
        outlets.iter().any(|port| port.outlet.unanswered(subject, reply, self.origin))
    }

    fn subscribe(&mut self, subscribe: &Subscribe) -> Result<(), Refusal> {
        let Subscribe { subject, queue, sid } = subscribe;
        self.forget_what_is_over();
        if self.subscriptions.len() >= self.serving.limits.subscriptions_max {
            self.error("maximum subscriptions exceeded");
            return Ok(());
        }
        if self.subscriptions.contains_key(sid) {
            // As nats-server: the first one stays.
            self.ok();
            return Ok(());
        }
        if subjects::is_no_pattern(subject) {
            self.error("Invalid Subject");
            return Ok(());
        }
        let group = queue.as_deref().map(subjects::group);
        let (Some(pattern), None | Some(Some(_))) = (subjects::pattern(subject), &group) else {
            self.deny_subscription(subject, queue.as_deref());
            return Ok(());
        };
        if !self.permissions.may_subscribe(&pattern) {
            self.deny_subscription(subject, queue.as_deref());
            return Ok(());
        }
        let hidden = self.permissions.hidden_in(&pattern);
        let feed = Arc::new(Feed::new(&self.client, sid.clone(), hidden));
        // First the answer: a message may come from another connection at any time from here on.
        self.ok();
        let attached = self.serving.bus.attach(pattern, group.flatten(), Arc::clone(&feed) as _);
        let attachment = attached.map_err(|_: SubscribeError| Refusal::BusClosed)?;
        self.subscriptions.insert(sid.clone(), Subscribed { feed, _attachment: attachment });
        Ok(())
    }

    fn unsubscribe(&mut self, sid: &Bytes, max: Option<u64>) {
        // One that is over, or never was, is no error: the client may not have heard of its end yet.
        let subscribed = self.subscriptions.get(sid);
        if subscribed.is_some_and(|subscribed| max.is_none_or(|max| subscribed.feed.end_after(max))) {
            self.subscriptions.remove(sid);
        }
        self.ok();
    }

    /// Subscriptions that have had all that they wanted end by themselves, where nobody hears of it. The bus skips them
    /// until they are taken out here.
    fn forget_what_is_over(&mut self) {
        for sid in self.client.take_ended() {
            // The name may have been given to another one since.
            if self.subscriptions.get(&sid).is_some_and(|subscribed| subscribed.feed.is_over()) {
                self.subscriptions.remove(&sid);
            }
        }
    }

    /// Answers a command of a client that wants every one answered.
    fn ok(&self) {
        if self.options.verbose {
            self.say(encode::OK);
        }
    }

    /// Refuses a subject, and keeps the connection: clients go on after this error, and after few others.
    fn deny(&self, what: &str, subject: &[u8]) {
        self.error(&format!("Permissions Violation for {what} \"{}\"", String::from_utf8_lossy(subject)));
    }

    fn deny_subscription(&self, subject: &[u8], queue: Option<&[u8]>) {
        let group = queue.map(|name| format!(" using queue \"{}\"", String::from_utf8_lossy(name)));
        let (subject, group) = (String::from_utf8_lossy(subject), group.unwrap_or_default());
        self.error(&format!("Permissions Violation for Subscription to \"{subject}\"{group}"));
    }

    /// Tells the client of an error that keeps the connection.
    fn error(&self, text: &str) {
        self.client.outbound.say(|out| encode::error(out, text));
    }

    fn say(&self, answer: &[u8]) {
        self.client.outbound.say(|out| out.extend_from_slice(answer));
    }
}
