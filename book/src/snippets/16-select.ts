// Waiting for several things in TypeScript: a race, and a batch that closes after 30 s.
// node --experimental-strip-types 16-select.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

type Download = (signal: AbortSignal) => Promise<string>;

// ANCHOR: select
async function fastest(mirrors: Download[]): Promise<string> {
  const losers = new AbortController();
  try {
    return await Promise.race(mirrors.map((download) => download(losers.signal)));
  } finally {
    losers.abort(); // without this they go on; with it they stop, if they check the signal
  }
}

async function collect(orders: AsyncIterator<number>, openMs: number): Promise<number[]> {
  const batch: number[] = [];
  const closes = sleep(openMs, "closed" as const); // once, before the loop
  for (;;) {
    const received = orders.next();
    const first = await Promise.race([closes, received]);
    // The order that `received` brings is lost. To lose none, keep the promise and race it again
    // in the next iteration, as Rust does with `&mut`.
    if (first === "closed") return batch;
    if (first.done) return batch;
    batch.push(first.value);
  }
}
// ANCHOR_END: select

async function* every20ms() {
  for (let order = 1; order < 5; order++) {
    await sleep(20);
    yield order;
  }
}

const mirror =
  (name: string, takesMs: number): Download =>
  (signal) =>
    sleep(takesMs, name, { signal });

console.log(await fastest([mirror("mirror 1", 250), mirror("mirror 2", 100)]));
const orders = every20ms();
console.log(await collect(orders, 30));
console.log(await collect(orders, 1000));
