//! `queues graphile|pgmq ADDRESS COUNT`: fills the queue in that empty database, empties it, and prints how many seconds that
//! took.

mod graphile;
mod payload;
mod pgmq_queue;

use std::process::ExitCode;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [queue, address, count] = &arguments[..] else { return usage() };
    let Ok(count) = count.parse() else { return usage() };
    let time = match queue.as_str() {
        "graphile" => graphile::run(address, count).await,
        "pgmq" => pgmq_queue::run(address, count).await,
        _ => return usage(),
    };
    println!("{}", time.as_secs_f64());
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: queues graphile|pgmq ADDRESS COUNT");
    ExitCode::from(2)
}
