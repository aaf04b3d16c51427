// The client of lesson 28 in TypeScript: one connection, and a map of the requests that wait.
// node --experimental-strip-types 28-request-reply.ts    (Node 22.6 or newer)

// ANCHOR: request
class Client {
  late = 0;
  #last = 0;
  #waiting = new Map<number, (price: string) => void>();
  #send: (line: string) => void;

  constructor(send: (line: string) => void) {
    this.#send = send;
  }

  async ask(article: string, signal: AbortSignal): Promise<string> {
    const id = ++this.#last;
    try {
      return await new Promise<string>((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        this.#waiting.set(id, resolve);
        this.#send(`${id} ${article}`);
      });
    } finally {
      this.#waiting.delete(id); // runs when the promise has settled, and not when the caller loses interest
    }
  }

  read(line: string) {
    const [id, price] = line.split(" ");
    const answer = this.#waiting.get(Number(id));
    if (this.#waiting.delete(Number(id))) answer!(price);
    else this.late++;
  }
}
// ANCHOR_END: request

// A server that takes 130 ms for a lamp and 60 ms for a sofa.
const client: Client = new Client((line) => {
  const [id, article] = line.split(" ");
  const [takesMs, price] = article === "lamp" ? [130, "$40"] : [60, "$900"];
  setTimeout(() => client.read(`${id} ${price}`), takesMs as number);
});
await client.ask("lamp", AbortSignal.timeout(100)).catch((error) => console.log("lamp:", error.name));
console.log("sofa:", await client.ask("sofa", AbortSignal.timeout(100)), "late:", client.late);
