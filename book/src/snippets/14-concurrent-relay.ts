// The concurrent relay of lesson 14 in TypeScript.
// node --experimental-strip-types 14-concurrent-relay.ts    (Node 22.6 or newer)
import { createWriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

type Event = { done: string; takesMs: number };

async function publish({ done, takesMs }: Event): Promise<string> {
  await sleep(takesMs);
  if (done === "") throw new Error("invalid payment amount");
  return done;
}

// ANCHOR: relay
async function relay(events: Event[]) {
  const log = createWriteStream("async_log.txt", { flags: "a" }); // buffers what is written, without a limit
  const publishing = events.map(async (event) => {
    // every call has started by the time `map` returns
    const entry = await publish(event).catch((error: Error) => `Error: ${error.message}`);
    log.write(`[${new Date().toLocaleString("sv-SE")}] ${entry}\n`);
  });
  await Promise.all(publishing);
  log.end();
}
// ANCHOR_END: relay

await relay([
  { done: "relayed upload: report.pdf", takesMs: 500 },
  { done: "payment of $12.50 processed", takesMs: 800 },
  { done: "notification delivered: your report is ready", takesMs: 300 },
  { done: "", takesMs: 800 },
]);
