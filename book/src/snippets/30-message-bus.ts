// The bus of lesson 30 in TypeScript: Node's EventEmitter calls its listeners, one after another.
// node --experimental-strip-types 30-message-bus.ts    (Node 22.6 or newer)
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: bus
const bus = new EventEmitter();

bus.on("orders.created", (order: number) => {
  console.log("billing", order); // the publisher waits for this, and an exception is thrown into it
});
bus.on("orders.created", async (order: number) => {
  await sleep(100);
  console.log("mail", order); // nobody waits for this: there is no mailbox, and no bound
});

const somebodyListens = bus.emit("orders.created", 7); // has called both: `billing 7`
// ANCHOR_END: bus
console.log(somebodyListens);
