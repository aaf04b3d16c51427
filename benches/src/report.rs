//! [`Report`]: rounds in turn, medians of ratios, and a table with the targets.

use std::{fmt::Write, process::Command};

const ROUNDS: usize = 7;

/// What must hold for a ratio.
#[derive(Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Shown for comparison.
    None,
}

/// A table of Markdown, printed as it grows.
#[derive(Default)]
pub struct Report {
    rows: String,
}

impl Report {
    /// Measures both in turn, and takes the median of the rounds' ratios, ours to theirs.
    pub fn compare(
        &mut self,
        what: &str,
        unit: &str,
        target: Target,
        mut ours: impl FnMut() -> f64,
        peer: &str,
        mut theirs: impl FnMut() -> f64,
    ) {
        let (mut a, mut b, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            // Who is first changes, and the first round only warms up.
            let (x, y) = if round % 2 == 0 { (ours(), theirs()) } else { swap((theirs(), ours())) };
            if round > 0 {
                a.push(x);
                b.push(y);
                ratios.push(x / y);
            }
        }
        self.row(what, unit, target, median(&mut a), peer, median(&mut b), median(&mut ratios));
    }

    /// A single figure against its limit.
    pub fn figure(&mut self, what: &str, unit: &str, figure: f64, limit: f64) {
        self.row(what, unit, Target::AtMost(1.0), figure, "limit", limit, figure / limit);
    }

    #[expect(clippy::too_many_arguments, reason = "one a column")]
    fn row(
        &mut self,
        what: &str,
        unit: &str,
        target: Target,
        ours: f64,
        peer: &str,
        theirs: f64,
        ratio: f64,
    ) {
        let (wanted, verdict) = match target {
            Target::AtLeast(limit) => (format!("≥ {limit}"), if ratio >= limit { "✔" } else { "✘" }),
            Target::AtMost(limit) => (format!("≤ {limit}"), if ratio <= limit { "✔" } else { "✘" }),
            Target::None => (String::new(), ""),
        };
        let row = format!(
            "| {what} | {ours:.2} {unit} | {peer} | {theirs:.2} {unit} | {ratio:.2} | {wanted} | {verdict} |"
        );
        println!("{row}");
        self.rows.push_str(&row);
        self.rows.push('\n');
    }

    /// Prints where it was measured, and keeps everything in `benches/RESULTS.md`.
    pub fn finish(self, command: &str) {
        let mut text = String::from("# Results\n\n");
        let _ =
            writeln!(text, "Made by `{command}`, medians of {ROUNDS} rounds in turn, on {}.\n", machine());
        text.push_str(HEAD);
        text.push_str(&self.rows);
        text.push_str(NOTES);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
        match std::fs::write(path, text) {
            Ok(()) => eprintln!("kept in benches/RESULTS.md"),
            Err(error) => eprintln!("benches/RESULTS.md: {error}"),
        }
    }

    /// What stands above the rows.
    pub fn begin() -> Self {
        print!("{}\n\n{HEAD}", machine());
        Self::default()
    }
}

const HEAD: &str =
    "| what | ours | peer | theirs | ratio | target | |\n| --- | --: | --- | --: | --: | --: | --- |\n";

const NOTES: &str = "
Everybody sends the same message, with topic and payload: `broadcast` and `async-broadcast` an `Arc` of it, the others the
message itself. `broadcast` would lose messages, so its sender looks every 512 messages whether the slowest receiver is
more than 512 behind, and yields. Capacities are 1,024, the runtime has two workers.

Where the time of a fan-out to 64 goes, by `perf` (one run): 37 % in `Mailbox::offer`, and 38 % of that at one instruction,
right behind the release of its lock; 12 % in the consumer's look into its mailbox, 8 % in counting out. A subscription has
a mailbox of its own, with a lock and a count; `broadcast` writes one slot for all.
";

fn swap<T>((a, b): (T, T)) -> (T, T) {
    (b, a)
}

pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The processor, the system and the versions.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unknown processor");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc =
        rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let peers = ["tokio", "flume", "async-broadcast"].map(|name| format!("{name} {}", version(name)));
    let model = model.trim_start_matches([' ', '\t', ':']);
    format!("{model}, {cores} cores, {}, {rustc}, {}", std::env::consts::OS, peers.join(", "))
}

fn version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let name = format!("name = \"{package}\"\nversion = \"");
    lock.split_once(&name).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("?")
}
