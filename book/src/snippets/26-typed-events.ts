// The bus of lesson 26 in TypeScript: handlers by the class of the event; and what EventEmitter does instead.
// node --experimental-strip-types 26-typed-events.ts    (Node 22.6 or newer)
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: events
type Class<E> = new (...values: any[]) => E;

class Bus {
  #handlers = new Map<Class<any>, ((event: any) => unknown)[]>();

  on<E>(of: Class<E>, handler: (event: E) => unknown) {
    this.#handlers.set(of, [...(this.#handlers.get(of) ?? []), handler]);
  }

  emit<E extends object>(event: E): Promise<PromiseSettledResult<unknown>[]> {
    const handlers = this.#handlers.get(event.constructor as Class<E>) ?? [];
    // `async` turns what a handler throws before its promise into a rejection.
    return Promise.allSettled(handlers.map(async (handler) => handler(event)));
  }
}

const emitter = new EventEmitter();
emitter.on("order", async () => sleep(350)); // emit does not wait for this
emitter.on("order", () => { throw new Error("a bug"); }); // emit throws this
emitter.on("order", () => console.log("mail")); // and this is not called
// ANCHOR_END: events

class OrderPlaced {
  order: number;
  constructor(order: number) {
    this.order = order;
  }
}

const bus = new Bus();
bus.on(OrderPlaced, async () => {
  await sleep(20);
  throw new Error("card declined");
});
bus.on(OrderPlaced, () => {
  throw new Error("a bug");
});
bus.on(OrderPlaced, (placed) => sleep(10, placed.order));
console.log(await bus.emit(new OrderPlaced(7)));
try {
  emitter.emit("order");
} catch (error) {
  console.log("emit threw", (error as Error).message);
}
