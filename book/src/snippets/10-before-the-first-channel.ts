// What lesson 10 says about futures, in TypeScript: a promise has already started.
// node --experimental-strip-types 10-before-the-first-channel.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: eager
async function publish(event: string, confirmedAfterMs: number): Promise<string> {
  console.log("sends", event);
  await sleep(confirmedAfterMs);
  return event;
}

const publishing = publish("upload completed", 300); // prints "sends" now
await sleep(500);
console.log("awaits");
console.log(await publishing, "was confirmed 200 ms ago");

publish("payment processed", 200); // never awaited, but sent all the same
// ANCHOR_END: eager
