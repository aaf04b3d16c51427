// Results as they arrive, in TypeScript: an async iterator over what is under way.
// node --experimental-strip-types 17-join-set.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

type Event = { name: string; takesMs: number; ends?: "refused" | "panics" };
type Outcome = { name: string; error?: unknown };

async function publish({ takesMs, ends }: Event): Promise<void> {
  await sleep(takesMs);
  if (ends === "refused") throw new Error("refused by the broker");
  if (ends === "panics") throw new TypeError("a bug"); // it comes out the same way as an error
}

// ANCHOR: as-they-come
async function* asTheyCome(events: Event[]): AsyncGenerator<Outcome> {
  const underWay = new Map<string, Promise<Outcome>>();
  for (const event of events) {
    const { name } = event;
    const outcome = publish(event).then(() => ({ name }), (error: unknown) => ({ name, error }));
    underWay.set(name, outcome); // it has begun already
  }
  while (underWay.size > 0) {
    const outcome = await Promise.race(underWay.values());
    underWay.delete(outcome.name);
    yield outcome; // leaving the loop here stops nothing
  }
}
// ANCHOR_END: as-they-come

const outcomes = asTheyCome([
  { name: "upload", takesMs: 500 },
  { name: "payment", takesMs: 800 },
  { name: "notice", takesMs: 300, ends: "panics" },
  { name: "refund", takesMs: 350, ends: "refused" },
]);
for await (const { name, error } of outcomes) console.log(name, String(error ?? "published"));
