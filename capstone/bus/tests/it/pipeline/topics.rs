//! What is particular to handlers of topics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use capstone_bus::{Bus, HandlerError, RatePolicy, SubscribeError, TopicHandlerBuilder};
use tokio::time::sleep;

use crate::support::{Clock, drain, fill, message, ms};

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_for_the_rate_when_its_handler_stops_is_cut_off_and_becomes_a_dead_letter() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let options = bus.topic_handler("t").rate(1, ms(3_600_000), RatePolicy::Wait).dead_letter();
    let task = options.start(async |_| Ok(())).expect("valid options");
    fill(&bus, ["a", "b", "c"]);
    sleep(ms(10)).await;
    assert_eq!((task.stats().running, task.stats().waiting), (1, 1));
    let stats = task.unsubscribe().await;
    assert_eq!((stats.handled, stats.failed, stats.cut_off, stats.running), (1, 0, 1, 0));
    let letter = dead.recv().await.expect("a dead letter");
    let told = ["dlq-kind", "dlq-attempts"].map(|name| letter.headers().get(name).expect("a header"));
    assert_eq!((&letter.payload[..], told), (&b"b"[..], ["cut-off", "0"]));
    assert_eq!((clock.ms(), bus.stats().abandoned), (10, 1), "at once, and the third was never taken");
    assert_eq!(drain(&mut dead), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn between_two_attempts_the_failure_is_how_it_ended() {
    let bus = Bus::new();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let retry = capstone_bus::RetryPolicy::attempts(9).base(ms(1)).without_jitter();
    let options = bus.topic_handler("t").rate(1, ms(3_600_000), RatePolicy::Wait).retry(retry).dead_letter();
    let task = options.start(async |_| Err(HandlerError::retryable("busy"))).expect("valid options");
    fill(&bus, ["a"]);
    sleep(ms(10)).await;
    assert_eq!((task.stats().running, task.stats().calls), (1, 1), "it waits for the rate, behind the pause");
    let stats = task.unsubscribe().await;
    assert_eq!((stats.failed, stats.cut_off), (1, 0));
    assert_eq!(dead.recv().await.expect("a dead letter").headers().get("dlq-kind"), Some("retryable"));
}

#[tokio::test]
async fn a_header_filter_decides_before_a_message_takes_a_place() {
    let bus = Bus::new();
    let options =
        bus.topic_handler("t").filter_header("region", "eu").filter(|message| message.payload != "no");
    let task = options.start(async |_| Ok(())).expect("valid options");
    for (region, payload) in [("eu", "yes"), ("us", "yes"), ("eu", "no")] {
        let sent = message("t", payload).with_header("region", region).expect("a header");
        let receipt = bus.try_publish(sent).expect("the bus is open");
        assert_eq!(receipt.matched, usize::from(region == "eu"));
    }
    bus.close();
    let stats = task.finished().await;
    assert_eq!((stats.handled, stats.skipped), (1, 1));
}

#[tokio::test]
async fn a_middleware_sees_the_message_and_the_type_of_a_handler_without_a_name() {
    async fn invoices(_: capstone_bus::Delivery) -> Result<(), HandlerError> {
        Ok(())
    }
    let bus = Bus::new();
    let options = bus.topic_handler("orders.*").wrap(async |call, next| {
        assert_eq!((&*call.topic, &call.delivery().payload[..]), ("orders.created", &b"42"[..]));
        assert!(call.handler.ends_with("invoices"), "{}", call.handler);
        next.run(call).await
    });
    let task = options.start(invoices).expect("valid options");
    let _ = bus.publish(message("orders.created", "42")).await.expect("the bus is open");
    bus.close();
    assert_eq!(task.finished().await.handled, 1);
}

#[tokio::test]
async fn wrong_options_are_errors() {
    let bus = Bus::new();
    let start = |options: TopicHandlerBuilder| options.start(async |_| Ok(())).expect_err("wrong options");
    let error = start(bus.topic_handler("a").rate(0, ms(1), RatePolicy::Wait));
    assert_eq!(error.to_string(), "handler of a: the rate is 0 calls, at least 1 is needed");
    let nested = |layers| {
        (0..layers)
            .fold(bus.topic_handler("a"), |options, _| options.wrap(async |call, next| next.run(call).await))
    };
    let error = start(nested(257));
    assert!(matches!(error, SubscribeError::TooManyLayers { .. }));
    assert_eq!(error.to_string(), "handler of a: more than 256 middlewares would be nested");
    assert_eq!(bus.stats().active, 0);
    let task = nested(256).start(async |_| Ok(())).expect("as many as may be");
    let _ = bus.publish(message("a", "")).await.expect("the bus is open");
    bus.close();
    assert_eq!(task.finished().await.handled, 1);
}

/// As for retries: it is asked for where somebody sees the panic.
#[test]
fn timeouts_and_rates_that_wait_are_refused_without_a_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _entered = runtime.enter();
    let bus = Bus::new();
    let start = |options: TopicHandlerBuilder| {
        catch_unwind(AssertUnwindSafe(|| drop(options.start(async |_| Ok(()))))).is_ok()
    };
    assert!(!start(bus.topic_handler("t").timeout(Duration::from_secs(1))));
    assert!(!start(bus.topic_handler("t").rate(1, ms(1), RatePolicy::Wait)));
    assert!(start(bus.topic_handler("t").rate(1, ms(1), RatePolicy::Drop)));
    assert_eq!(bus.stats().active, 0);
}

#[cfg(feature = "tower")]
#[tokio::test(start_paused = true)]
async fn a_service_is_a_handler_with_all_options() {
    use capstone_bus::{Delivery, RetryPolicy};
    use tower::ServiceBuilder;

    let (bus, clock) = (Bus::new(), Clock::start());
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let works = async |delivery: Delivery| {
        sleep(ms(10)).await;
        if delivery.payload == "no" { Err(HandlerError::permanent("never")) } else { Ok(()) }
    };
    // One at a time, whatever the handler allows: its calls share the limit of the service.
    let service = ServiceBuilder::new().concurrency_limit(1).service_fn(works);
    let options = bus.topic_handler("t").concurrency(4).retry(RetryPolicy::attempts(3)).dead_letter();
    let task = options.start_service(service).expect("valid options");
    fill(&bus, ["a", "b", "no"]);
    bus.close();
    let stats = task.finished().await;
    assert_eq!((stats.handled, stats.failed, stats.calls, clock.ms()), (2, 1, 3, 30));
    assert_eq!(dead.recv().await.expect("a dead letter").headers().get("dlq-reason"), Some("never"));
}
