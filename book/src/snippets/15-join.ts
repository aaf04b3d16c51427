// Concurrent questions, in TypeScript: `Promise.all` and `Promise.allSettled`.
// node --experimental-strip-types 15-join.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

async function ask(service: string, afterMs: number, answer: number): Promise<number> {
  await sleep(afterMs);
  console.log(`${service} has answered`);
  if (answer < 0) throw new Error("sold out");
  return answer;
}

// ANCHOR: join
async function offer(): Promise<string> {
  const stock = ask("stock", 100, -1); // starts here, not at `all`
  const price = ask("price", 300, 1250);
  try {
    const [left, cents] = await Promise.all([stock, price]);
    return `${left} left, for ${cents} cents`;
  } catch (error) {
    // After 100 ms. The question for the price continues, and its answer is discarded.
    return String(error);
  }
}

async function outcomes(): Promise<string[]> {
  const both = await Promise.allSettled([ask("stock", 100, -1), ask("price", 300, 1250)]);
  return both.map((one) => (one.status === "fulfilled" ? `${one.value}` : String(one.reason)));
}
// ANCHOR_END: join

console.log(await offer());
await sleep(300);
console.log(await outcomes());
