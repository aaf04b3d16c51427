// A bounded number of publishes in TypeScript: as many loops as there are slots share one iterator.
// node --experimental-strip-types 23-backpressure.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

let inFlight = 0, peak = 0;

async function publish(event: number): Promise<void> {
  peak = Math.max(peak, ++inFlight);
  await sleep(20 + (event * 37) % 61);
  inFlight--;
}

function* outbox(count: number): Generator<number> {
  for (let id = 1; id <= count; id++) yield id; // reads a row when a loop asks for it
}

// ANCHOR: shared-iterator
async function relay(events: Generator<number>, limit: number): Promise<void> {
  const loop = async () => {
    for (const event of events) await publish(event); // the next one when this one has ended
  };
  await Promise.all(Array.from({ length: limit }, loop));
}
// ANCHOR_END: shared-iterator

const start = Date.now();
await relay(outbox(1000), 50);
console.log(Date.now() - start, "ms, at most", peak, "in flight");
