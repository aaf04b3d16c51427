//! What the demonstration says in the end, to people and as JSON.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::ledger::{Kind, Verdict};

/// The verdict and the figures of a run.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    #[serde(flatten)]
    verdict: Verdict,
    rate_per_s: u64,
    p50_ms: f64,
    p99_ms: f64,
    took_ms: u64,
}

impl Summary {
    pub(super) fn new(verdict: Verdict, took: Duration, latency_us: &Histogram<u64>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "an hour in microseconds fits a float exactly")]
        let quantile_ms = |quantile| latency_us.value_at_quantile(quantile) as f64 / 1_000.0;
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let rate_per_s = verdict.committed * 1_000 / took_ms.max(1);
        Self { rate_per_s, p50_ms: quantile_ms(0.5), p99_ms: quantile_ms(0.99), took_ms, verdict }
    }

    pub(super) fn is_good(&self) -> bool {
        self.verdict.holds
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verdict, rate_per_s, p50_ms, p99_ms, took_ms } = self;
        let Verdict { committed, rolled_back, delivered, lost, invented, out_of_order, duplicates, .. } =
            verdict;
        writeln!(f, "\n  An order service committed its orders together with their messages.")?;
        writeln!(
            f,
            "  A relay carried the messages into a stream, for two durable subscribers and a live one.\n"
        )?;
        writeln!(
            f,
            "    committed    {committed:>9}      in {}.{:03} s: {rate_per_s} a second",
            took_ms / 1_000,
            took_ms % 1_000
        )?;
        writeln!(f, "    rolled back  {rolled_back:>9}      on purpose, none of them may arrive")?;
        writeln!(
            f,
            "    delivered    {delivered:>9}      from the insert to the subscriber: p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms\n"
        )?;
        for (name, tally) in &verdict.subscribers {
            let what = match tally.kind {
                Kind::Ordered => "everything, in order per key".to_owned(),
                Kind::QueueGroup => "three who share: each message once".to_owned(),
                Kind::Lossy => format!("too slow on purpose: it let {} go and knows it", tally.gaps),
            };
            writeln!(f, "    {name:<11} {:>10}      {what}", tally.delivered)?;
        }
        writeln!(
            f,
            "\n    lost {lost}   invented {invented}   out of order {out_of_order}   duplicates {duplicates}\n"
        )?;
        match &verdict.first_problem {
            None => writeln!(f, "  The ledgers agree."),
            Some(problem) => writeln!(f, "  THE LEDGERS DISAGREE.\n{problem}"),
        }
    }
}
