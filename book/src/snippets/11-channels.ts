// The two producers of lesson 11 in TypeScript, with web streams.
// node --experimental-strip-types 11-channels.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: channel
const { readable, writable } = new TransformStream<string, string>({}, { highWaterMark: 3 });
const events = writable.getWriter();

async function send(event: string) {
  await events.ready; // waits while the stream is full, if you remember the await
  events.write(event); // accepts the event even when it is full
}

async function producer1() {
  await send("upload completed");
  await sleep(1000);
  await send("file synced to bucket");
}

async function producer2() {
  await sleep(500);
  await send("payment processed");
}

Promise.all([producer1(), producer2()]).then(() => events.close()); // closed explicitly
for await (const event of readable) {
  console.log("received", event);
}
// ANCHOR_END: channel
