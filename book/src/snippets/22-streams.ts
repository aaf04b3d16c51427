// At most four writes in flight, in TypeScript, with the results as they arrive.
// node --experimental-strip-types 22-streams.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: unordered
async function* unordered<T, R>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const inFlight = new Map<symbol, Promise<{ key: symbol; result: R }>>();
  async function first(): Promise<R> {
    const { key, result } = await Promise.race(inFlight.values());
    inFlight.delete(key);
    return result;
  }
  for (const item of items) {
    const key = Symbol();
    inFlight.set(key, work(item).then((result) => ({ key, result }))); // begins now
    if (inFlight.size === limit) yield first();
  }
  while (inFlight.size > 0) yield first();
}
// ANCHOR_END: unordered

const takesMs = [400, 150, 120, 310, 200, 95];
const started = Date.now();
async function write(order: number): Promise<number> {
  await sleep(takesMs[order - 1]);
  return order;
}
for await (const order of unordered([1, 2, 3, 4, 5, 6], 4, write)) {
  console.log(Math.floor((Date.now() - started) / 10) * 10, order);
}
