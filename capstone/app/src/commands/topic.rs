//! `capstone topic match`: tries patterns against topics.

use std::io::{BufRead, Write};

use anyhow::Context;
use capstone_bus::{Pattern, Topic};

use crate::Exit;
use crate::cli::TopicMatch;

/// Runs the command.
///
/// # Errors
/// A pattern or topic given as an argument is none, or standard input cannot be read.
pub fn run(options: &TopicMatch) -> anyhow::Result<Exit> {
    if let (Some(pattern), Some(topic)) = (&options.pattern, &options.topic) {
        println!("{}", matches(pattern, topic)?);
        return Ok(Exit::Done);
    }
    let out = std::io::stdout();
    let mut out = std::io::BufWriter::new(out.lock());
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", answer(&line.context("standard input")?)).context("standard output")?;
    }
    out.flush().context("standard output")?;
    Ok(Exit::Done)
}

fn matches(pattern: &str, topic: &str) -> anyhow::Result<bool> {
    Ok(Pattern::new(pattern)?.matches(&Topic::new(topic)?))
}

fn answer(line: &str) -> String {
    let Some((pattern, topic)) = line.split_once('\t') else {
        return "error: expected a pattern, a tab and a topic".into();
    };
    match matches(pattern, topic) {
        Ok(answer) => answer.to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_an_answer() {
        assert_eq!(answer("orders.*\torders.created"), "true");
        assert_eq!(answer("orders.>\torders"), "false");
        assert!(answer("orders..x\torders").starts_with("error: pattern \"orders..x\""));
        assert!(answer("orders\ta.*").starts_with("error: topic \"a.*\""));
        assert_eq!(answer("orders"), "error: expected a pattern, a tab and a topic");
    }
}
