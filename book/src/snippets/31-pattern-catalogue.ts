// The checkout in TypeScript: an async iterator of orders, both answers, and all receipts written.
// node --experimental-strip-types 31-pattern-catalogue.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

async function ask(takesMs: number, answer: number): Promise<number> {
  await sleep(takesMs);
  return answer;
}

async function writeReceipt(order: number, stock: number, price: number): Promise<void> {
  await sleep(50);
  console.log(`order ${order} costs ${price} cents, and ${stock} are in stock`);
}

async function* shop(): AsyncGenerator<number> {
  for (const order of [7, 8, 9]) {
    yield order;
    await sleep(10);
  }
}

// ANCHOR: checkout
async function checkout(orders: AsyncIterable<number>): Promise<void> {
  const receipts: Promise<void>[] = [];
  for await (const order of orders) {
    const [stock, price] = await Promise.all([ask(40, 5), ask(70, 1250)]);
    receipts.push(writeReceipt(order, stock, price)); // it has begun
  }
  await Promise.all(receipts); // one that has failed before this line ends the process
}
// ANCHOR_END: checkout

const started = Date.now();
await checkout(shop());
console.log(Date.now() - started, "ms");
