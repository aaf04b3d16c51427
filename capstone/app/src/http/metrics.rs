//! `/metrics`, in the text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write};

use capstone_outbox::store::Status;

use super::snapshot::Snapshot;

pub(super) fn text(snapshot: &Snapshot) -> String {
    let mut text = Text(String::new());
    text.gauge("capstone_uptime_seconds", "Since this process began to serve.", snapshot.uptime_s);
    let is_readable = u8::from(snapshot.problem.is_none());
    text.gauge("capstone_database_up", "1 unless a database is served and cannot be read.", is_readable);
    if let Some(status) = &snapshot.outbox {
        outbox(&mut text, status);
    }
    if let Some(relay) = &snapshot.relay {
        text.head("outbox_published_total", "counter", "Attempts to publish of this process's relay.");
        text.line("outbox_published_total", &[("outcome", "ok")], relay.published);
        text.line("outbox_published_total", &[("outcome", "failed")], relay.failed);
    }
    streams(&mut text, snapshot);
    let bus = &snapshot.bus;
    text.counter("bus_published_total", "Messages that the bus accepted.", bus.published);
    text.counter("bus_unmatched_total", "Messages that no subscription matched.", bus.unmatched);
    text.counter("bus_delivered_total", "Copies handed out.", bus.delivered);
    text.counter("bus_filtered_total", "Copies that a filter refused.", bus.filtered);
    text.counter("bus_dropped_total", "Copies that found no room.", bus.dropped);
    text.gauge("bus_subscriptions", "Subscriptions alive.", bus.subscriptions);
    let listener = &snapshot.listener;
    text.gauge("listener_connections", "NATS clients connected.", listener.open);
    text.counter("listener_accepted_total", "Connections accepted.", listener.accepted);
    text.head("listener_ended_total", "counter", "Connections not let in or ended by us.");
    for (reason, count) in [
        ("refused", listener.refused),
        ("unauthorised", listener.unauthorised),
        ("slow", listener.slow),
        ("stale", listener.stale),
        ("faulty", listener.faulty),
    ] {
        text.line("listener_ended_total", &[("reason", reason)], count);
    }
    text.0
}

fn outbox(text: &mut Text, status: &Status) {
    text.gauge("outbox_ready_rows", "Messages that wait for a relay.", status.pending);
    text.gauge("outbox_held_rows", "Messages behind a failed one.", status.held);
    text.gauge("outbox_dead_rows", "Messages that were given up.", status.dead);
    if let Some(oldest_ms) = status.oldest_ms {
        let age = format!("{}.{:03}", oldest_ms / 1_000, oldest_ms % 1_000);
        text.gauge("outbox_oldest_ready_age_seconds", "By the database's clock; missing if none waits.", age);
    }
    let is_paused = u8::from(status.paused.is_some());
    text.gauge("outbox_paused", "1 while an operator wants nothing to be published.", is_paused);
    let parked = status.keys.iter().filter(|key| key.state == "parked").count();
    text.gauge("outbox_keys_blocked", "Keys in trouble, counted up to 100.", status.keys.len());
    text.gauge("outbox_keys_parked", "Those of them that wait for an operator.", parked);
    text.gauge("outbox_lanes", "Lanes that there are.", status.lanes);
    text.head("outbox_lanes_owned", "gauge", "Lanes that a relay holds.");
    for relay in &status.relays {
        text.line("outbox_lanes_owned", &[("owner", &relay.owner)], relay.lanes);
    }
}

fn streams(text: &mut Text, snapshot: &Snapshot) {
    text.head("stream_messages", "gauge", "Messages that a stream holds.");
    for stream in &snapshot.streams {
        text.line("stream_messages", &[("stream", &stream.name)], stream.messages);
    }
    text.head("stream_bytes", "gauge", "Bytes that a stream holds.");
    for stream in &snapshot.streams {
        text.line("stream_bytes", &[("stream", &stream.name)], stream.bytes);
    }
    text.head("stream_consumer_lag", "gauge", "Messages that a consumer has not answered.");
    for stream in &snapshot.streams {
        for consumer in &stream.consumers {
            let labels = [("stream", &*stream.name), ("consumer", &*consumer.name)];
            text.line("stream_consumer_lag", &labels, consumer.pending + consumer.waiting);
        }
    }
}

struct Text(String);

impl Text {
    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "gauge", help);
        self.line(name, &[], value);
    }

    fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "counter", help);
        self.line(name, &[], value);
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

fn escape(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use capstone_outbox::store::RelayStatus;

    use super::*;

    #[test]
    fn a_label_cannot_end_its_line() {
        let mut relay = RelayStatus::default();
        (relay.owner, relay.lanes) = ("a\"} 1\nb\\".into(), 3);
        let mut outbox = Status::default();
        (outbox.oldest_ms, outbox.relays) = (Some(1_050), vec![relay]);
        let text = text(&Snapshot { outbox: Some(outbox), ..Snapshot::default() });
        assert!(text.contains("\noutbox_paused 0\n"), "{text}");
        assert!(text.contains("\noutbox_lanes_owned{owner=\"a\\\"} 1\\nb\\\\\"} 3\n"), "{text}");
        assert!(text.contains("\noutbox_oldest_ready_age_seconds 1.050\n"), "{text}");
        assert!(text.lines().all(|line| line.starts_with("# ") || line.split(' ').count() >= 2));
    }
}
