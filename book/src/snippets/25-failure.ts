// The attempt and the pause of lesson 25 in TypeScript: a signal that aborts the request, and a union of three outcomes.
// node --experimental-strip-types 25-failure.ts    (Node 22.6 or newer)
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// ANCHOR: attempt
type Outcome = { is: "done" } | { is: "failed"; transient: boolean } | { is: "unknown" };

async function attempt(bank: string, id: string): Promise<Outcome> {
  const signal = AbortSignal.timeout(250); // aborts the request, not the bank's work on it
  try {
    const headers = { "Idempotency-Key": id };
    const { ok, status } = await fetch(bank, { method: "POST", headers, signal });
    if (ok) return { is: "done" };
    if (status === 503 || status === 429) return { is: "failed", transient: true };
    if (status < 500) return { is: "failed", transient: false };
    return { is: "unknown" }; // an error on the way, behind which the bank may have charged
  } catch {
    return { is: "unknown" }; // the time is up, or the connection broke
  }
}

function pauseMs(failures: number): number {
  const longest = 100 * 2 ** (failures - 1); // never overflows: it becomes Infinity
  return Math.random() * Math.min(longest, 30_000); // setTimeout takes a wait above 2^31 - 1 for 1 ms
}
// ANCHOR_END: attempt

const answers = [200, 503, 402, 500];
const server = createServer((_, response) => {
  const status = answers.shift();
  if (status) response.writeHead(status).end();
});
server.listen(0, "127.0.0.1", async () => {
  const bank = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (let n = 0; n < 5; n++) console.log(await attempt(bank, "order 7"));
  console.log(pauseMs(1) < 100, pauseMs(5000) < 30_000);
  const start = Date.now();
  setTimeout(() => {
    console.log("a wait of 2^31 ms is over at once:", Date.now() - start < 1000);
    server.closeAllConnections();
    server.close();
  }, 2 ** 31);
});
