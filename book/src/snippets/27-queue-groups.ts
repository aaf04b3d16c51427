// The group of lesson 27 in TypeScript: async functions that take from the same array.
// node --experimental-strip-types 27-queue-groups.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: group
const orders = [1, 2, 3, 4, 5, 6];

async function work(name: string, takes: number) {
  for (;;) {
    const order = orders.shift(); // removes it; no other code runs before the next await
    if (order === undefined) return; // empty; a queue that is still being filled needs a way to wait
    await sleep(takes);
    console.log(name, "has charged order", order);
  }
}

await Promise.all([work("worker 1", 100), work("worker 2", 350), work("worker 3", 130)]);
// ANCHOR_END: group
