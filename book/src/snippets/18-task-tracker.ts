// The relay of lesson 18 in TypeScript: one AbortSignal asks, a second one gives up, and a set of promises is awaited.
// node --experimental-strip-types 18-task-tracker.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

async function publish(row: number, abort: AbortSignal): Promise<void> {
  const never = 1_000_000; // what the broker takes for row 2
  await sleep(row === 2 ? never : 180, undefined, { signal: abort });
}

// ANCHOR: drain
async function run(stop: AbortSignal) {
  const abort = new AbortController();
  const publishing = new Set<Promise<void>>();

  for (let row = 1; !stop.aborted; row++) { // 1. no new work
    const task: Promise<void> = publish(row, abort.signal)
      .then(() => console.log("marked row", row))
      .catch((error) => console.error(`row ${row}: ${error}`)) // otherwise a rejection ends Node
      .finally(() => publishing.delete(task));
    publishing.add(task);
    await sleep(100, undefined, { signal: stop }).catch(() => {}); // an abort is a rejection
  }

  const deadline = setTimeout(() => abort.abort(), 500);
  await Promise.allSettled(publishing); // 2. and 3. the tasks in progress, and their marks
  clearTimeout(deadline);
  console.log("closes the database");
}
// ANCHOR_END: drain

await run(AbortSignal.timeout(150));
