// The sequential relay of lesson 13 in TypeScript.
// node --experimental-strip-types 13-sequential-relay.ts    (Node 22.6 or newer)
import { appendFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: relay
type OutboxEvent =
  | { kind: "upload"; file: string }
  | { kind: "payment"; cents: bigint } // `number` is an f64
  | { kind: "notification"; message: string };

async function publish(event: OutboxEvent): Promise<string> {
  switch (event.kind) {
    case "upload":
      await sleep(500);
      return `relayed upload: ${event.file}`;
    case "payment":
      await sleep(800);
      if (event.cents <= 0n) throw new Error("invalid payment amount");
      return `payment of $${event.cents / 100n}.${String(event.cents % 100n).padStart(2, "0")} processed`;
    case "notification":
      await sleep(300);
      return `notification delivered: ${event.message}`;
  }
}

async function relay(events: OutboxEvent[]) {
  for (const event of events) {
    // forEach(async …) would start all of them at once and await none
    const entry = await publish(event).catch((error: Error) => `Error: ${error.message}`);
    await appendFile("sync_log.txt", `[${new Date().toLocaleString("sv-SE")}] ${entry}\n`);
  }
}
// ANCHOR_END: relay

await relay([
  { kind: "upload", file: "report.pdf" },
  { kind: "payment", cents: 1250n },
  { kind: "notification", message: "your report is ready" },
  { kind: "payment", cents: -300n },
]);
