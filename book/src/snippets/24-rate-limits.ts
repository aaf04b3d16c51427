// The limiter of lesson 24 in TypeScript: a token bucket, and a chain of promises as its queue.
// node --experimental-strip-types 24-rate-limits.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: limiter
class Limiter {
  #refilledAt = performance.now();
  #last: Promise<unknown> = Promise.resolve(); // the end of the queue
  #tokens: number;
  #capacity: number;
  #everyMs: number;

  constructor(capacity: number, everyMs: number) {
    [this.#tokens, this.#capacity, this.#everyMs] = [capacity, capacity, everyMs];
  }

  // Takes a token, or returns how long to wait for one. Needs no lock: nothing else runs meanwhile.
  #take(): number {
    const due = Math.floor((performance.now() - this.#refilledAt) / this.#everyMs);
    this.#tokens = Math.min(this.#capacity, this.#tokens + due);
    this.#refilledAt += due * this.#everyMs;
    if (this.#tokens === 0) return this.#refilledAt + this.#everyMs - performance.now();
    this.#tokens -= 1;
    return 0;
  }

  acquire(signal?: AbortSignal): Promise<void> {
    const turn = this.#last.then(async () => {
      signal?.throwIfAborted(); // a caller that only stops listening takes its token all the same
      for (let wait; (wait = this.#take()) > 0; ) await sleep(wait, undefined, { signal });
    });
    this.#last = turn.catch(() => {}); // the next caller does not care why
    return turn;
  }
}
// ANCHOR_END: limiter

const [limiter, start] = [new Limiter(3, 60), performance.now()];
const requests = [1, 2, 3, 4, 5, 6].map(async (number) => {
  const signal = number === 4 ? AbortSignal.timeout(20) : undefined;
  const outcome = await limiter.acquire(signal).then(() => "passes", () => "gives up");
  console.log(number, outcome, Math.round((performance.now() - start) / 10) * 10);
});
await Promise.all(requests);
