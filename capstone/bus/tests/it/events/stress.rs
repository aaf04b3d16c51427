//! Real threads, real time, exact counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use capstone_bus::events::{Events, ForgetError};
use tokio::task::yield_now;

use super::Tick;
use crate::support::ms;

const EMITTERS: usize = 8;
const EVENTS: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_emitters_with_handlers_that_come_and_go() {
    let events = Events::builder().forgotten_max(16).build();
    let (running, most, calls) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    events.handler::<Tick>().concurrency(3).on({
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        move |_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
            }
        }
    });
    events.handler::<Tick>().on({
        let calls = Arc::clone(&calls);
        move |tick| {
            calls.fetch_add(1, Ordering::SeqCst);
            async move { assert!(tick.0 % 10 != 0, "every tenth") }
        }
    });

    let emitter = |emitter: usize| {
        let events = events.clone();
        async move {
            for number in 0..EVENTS {
                let _comes_and_goes = events.on::<Tick>(async |_| yield_now().await).scoped();
                let mut event = Tick(number as u64);
                if emitter.is_multiple_of(2) {
                    let report = events.emit(event).await;
                    assert_eq!(report.failures().count(), usize::from(number % 10 == 0));
                    continue;
                }
                while let Err(full) = events.emit_and_forget(event) {
                    assert!(matches!(full, ForgetError::Full(_)));
                    event = full.into_event();
                    yield_now().await;
                }
            }
        }
    };
    let emitters: Vec<_> = (0..EMITTERS).map(|number| tokio::spawn(emitter(number))).collect();
    for emitter in emitters {
        emitter.await.expect("no panic");
    }
    // The shutdown forgets the handlers, and their counters.
    while events.stats().forgotten > 0 {
        yield_now().await;
    }
    let stats = events.stats();
    let [limited, tenth] = &stats.handlers[..] else { panic!("{stats:?}") };
    let (limited, tenth) = (limited.counts, tenth.counts);
    let all = (EMITTERS * EVENTS) as u64;
    assert_eq!((limited.handled, limited.running, limited.waiting), (all, 0, 0));
    assert_eq!((tenth.handled, tenth.panicked), (all / 10 * 9, all / 10));
    assert_eq!((calls.load(Ordering::SeqCst) as u64, running.load(Ordering::SeqCst)), (all, 0));
    assert!(most.load(Ordering::SeqCst) <= 3);
    assert_eq!(events.shutdown(ms(10_000)).await.left_over, 0);
}
