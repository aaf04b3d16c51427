// The stock of lesson 19 in TypeScript: a worker thread owns the counts, and messages go there and back.
// node --experimental-strip-types 19-actor.ts    (Node 22.6 or newer)
import { Worker, isMainThread, parentPort } from "node:worker_threads";

// ANCHOR: actor
type Request = { id: number; item: string };
type Answer = { id: number; left: number };

function actor() { // runs in the worker and shares nothing with the other thread
  const counts = new Map([["lamp", 5]]);
  parentPort!.on("message", ({ id, item }: Request) => {
    const left = (counts.get(item) ?? 0) - 1;
    counts.set(item, left);
    parentPort!.postMessage({ id, left } satisfies Answer);
  });
}

class Stock {
  #worker = new Worker(new URL(import.meta.url));
  #waiting = new Map<number, (left: number) => void>();
  #last = 0;

  constructor() {
    this.#worker.on("message", ({ id, left }: Answer) => {
      this.#waiting.get(id)?.(left); // one channel for all answers, so each needs an id
      this.#waiting.delete(id);
    });
  }

  take(item: string): Promise<number> {
    const id = ++this.#last;
    this.#worker.postMessage({ id, item } satisfies Request); // copied; the queue is unbounded
    // Stays pending if the worker dies.
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  end = () => this.#worker.terminate();
}
// ANCHOR_END: actor

if (isMainThread) {
  const stock = new Stock();
  console.log(await Promise.all([stock.take("lamp"), stock.take("lamp")]));
  await stock.end();
} else {
  actor();
}
