//! [`Report`]: rounds in turn, medians of ratios, and a table with the targets.

use crate::measured::Measured;
use crate::results;

/// As many as most benchmarks take.
pub const ROUNDS: usize = 7;

const HEAD: &str =
    "| what | ours | peer | theirs | ratio | target | |\n| --- | --: | --- | --: | --: | --: | --- |\n";

/// What must hold for a ratio.
#[derive(Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// No target: for comparison.
    Shown,
}

/// The table of one benchmark, printed as it grows.
pub struct Report {
    name: &'static str,
    rounds: usize,
    machine: String,
    rows: String,
}

/// What the rounds of both sides have measured, in their order.
pub struct Rounds<T> {
    ours: Vec<T>,
    theirs: Vec<T>,
}

impl Report {
    /// Prints what stands above the rows.
    pub fn begin(name: &'static str, rounds: usize, versions: &[String]) -> Self {
        let machine = format!("{}, {}", results::machine(), versions.join(", "));
        print!("{machine}\n\n{HEAD}");
        Self { name, rounds, machine, rows: String::new() }
    }

    /// Measures both in turn.
    pub fn in_turn<T>(&self, mut ours: impl FnMut() -> T, mut theirs: impl FnMut() -> T) -> Rounds<T> {
        let mut rounds = Rounds { ours: Vec::new(), theirs: Vec::new() };
        // Who is first changes, and the first round only warms up.
        drop((ours(), theirs()));
        for round in 0..self.rounds {
            if round % 2 == 0 {
                rounds.theirs.push(theirs());
                rounds.ours.push(ours());
            } else {
                rounds.ours.push(ours());
                rounds.theirs.push(theirs());
            }
        }
        rounds
    }

    /// Measures one figure of both in turn.
    pub fn compare(
        &mut self,
        what: &str,
        unit: &str,
        target: Target,
        ours: impl FnMut() -> f64,
        peer: &str,
        theirs: impl FnMut() -> f64,
    ) {
        let rounds = self.in_turn(ours, theirs);
        self.row(what, unit, target, peer, &rounds, |figure| *figure);
    }

    /// Measures deliveries, and what each costs both processors together.
    pub fn rate_and_cpu(
        &mut self,
        what: &str,
        [rate, cpu]: [Target; 2],
        ours: impl FnMut() -> Measured,
        peer: &str,
        theirs: impl FnMut() -> Measured,
    ) {
        let rounds = self.in_turn(ours, theirs);
        self.row(what, "M/s", rate, peer, &rounds, |measured| measured.rate);
        self.row(&format!("{what}, CPU each"), "ns", cpu, peer, &rounds, |measured| measured.cpu_ns);
    }

    /// One figure of what was measured: the medians, and that of the rounds' ratios, ours to theirs.
    pub fn row<T>(
        &mut self,
        what: &str,
        unit: &str,
        target: Target,
        peer: &str,
        rounds: &Rounds<T>,
        figure: impl Fn(&T) -> f64,
    ) {
        let [ours, theirs] =
            [&rounds.ours, &rounds.theirs].map(|side| side.iter().map(&figure).collect::<Vec<_>>());
        let ratios = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
        let ratio = percentile(ratios, 50);
        let (wanted, verdict) = match target {
            Target::AtLeast(limit) => (format!("≥ {limit}"), if ratio >= limit { "✔" } else { "✘" }),
            Target::AtMost(limit) => (format!("≤ {limit}"), if ratio <= limit { "✔" } else { "✘" }),
            Target::Shown => (String::new(), ""),
        };
        let [ours, theirs] = [ours, theirs].map(|figures| percentile(figures, 50));
        let row = format!(
            "| {what} | {ours:.2} {unit} | {peer} | {theirs:.2} {unit} | {ratio:.2} | {wanted} | {verdict} |"
        );
        println!("{row}");
        self.rows.push_str(&row);
        self.rows.push('\n');
    }

    /// A single figure against its limit.
    pub fn figure(&mut self, what: &str, unit: &str, figure: f64, limit: f64) {
        let once = Rounds { ours: vec![figure], theirs: vec![limit] };
        self.row(what, unit, Target::AtMost(1.0), "limit", &once, |figure| *figure);
    }

    /// Keeps everything in `benches/RESULTS.md`.
    pub fn finish(self, notes: &str) {
        let Self { name, rounds, machine, rows } = self;
        results::keep(
            name,
            &format!(
                "Made by `just bench {name}`, medians of {rounds} rounds in turn (the ratio is that of the rounds' own ratios), on {machine}.\n\n{HEAD}{rows}\n{notes}"
            ),
        );
    }
}

/// The value that so many per cent of the samples do not exceed.
pub fn percentile(mut samples: Vec<f64>, percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[(samples.len() - 1) * percent / 100]
}
