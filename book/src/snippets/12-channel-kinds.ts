// The channel kinds of lesson 12 in TypeScript: an event emitter, and a promise.
// node --experimental-strip-types 12-channel-kinds.ts    (Node 22.6 or newer)
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: kinds
const orders = new EventEmitter();

orders.on("created", (order: number) => console.log("mailer got", order));
orders.on("created", async (order: number) => {
  await sleep(430); // all eight calls run concurrently: nothing is lost, nothing is bounded
  console.log("statistics got", order);
});

for (let order = 1; order <= 8; order++) {
  orders.emit("created", order); // calls every listener before it returns
}

type Request = { event: string; answer: (receipt: number) => void };

function ask(event: string, relay: (request: Request) => void): Promise<number> {
  return new Promise((answer) => relay({ event, answer })); // resolves once, or never if no one answers
}
// ANCHOR_END: kinds

const receipt = await ask("upload completed", ({ answer }) => setTimeout(() => answer(1), 100));
console.log("has receipt", receipt);
