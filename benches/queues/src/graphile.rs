//! `graphile_worker`: jobs that workers claim, row by row, and run in any order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, LocalQueueConfig, RawJobSpec, TaskHandler, WorkerContext, WorkerOptions,
};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::payload::{Arrived, Payload};

/// As in the benchmark that the crate comes with.
const WORKERS: usize = 500;
const FETCH: usize = 5_000;
const DELAY: Duration = Duration::from_millis(5);

#[derive(Serialize, Deserialize)]
struct Job {
    payload: Payload,
}

#[derive(Clone, Debug)]
struct Shared(Arc<Arrived>);

impl TaskHandler for Job {
    const IDENTIFIER: &'static str = "job";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let Shared(arrived) = context.get_ext::<Shared>().expect("it was given");
        arrived.take(&self.payload);
        Ok::<(), String>(())
    }
}

/// Until all jobs have run and none is left in its table.
pub async fn run(address: &str, count: usize) -> Duration {
    let arrived = Arc::new(Arrived::none_of(count));
    let worker = WorkerOptions::default()
        .database_url(address)
        .concurrency(WORKERS)
        .poll_interval(DELAY)
        .complete_job_batch_delay(DELAY)
        .local_queue(LocalQueueConfig::default().with_size(FETCH))
        .add_extension(Shared(Arc::clone(&arrived)))
        .define_job::<Job>();
    let worker = Arc::new(worker.init().await.expect("an empty database"));
    let job = |number| RawJobSpec {
        identifier: Job::IDENTIFIER.to_owned(),
        payload: serde_json::to_value(Job { payload: Payload::new(number) }).expect("it is JSON"),
        spec: JobSpec::default(),
    };
    let jobs: Vec<_> = (0..count).map(job).collect();
    worker.create_utils().add_raw_jobs(&jobs).await.expect("its tables");

    let since = Instant::now();
    let running = tokio::spawn({
        let worker = Arc::clone(&worker);
        async move { worker.run().await }
    });
    while arrived.left() > 0 {
        sleep(Duration::from_millis(1)).await;
    }
    worker.request_shutdown();
    running.await.expect("no panic").expect("a database");
    since.elapsed()
}
