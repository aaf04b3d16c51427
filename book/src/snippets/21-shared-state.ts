// A token that is loaded once, and a section that one caller runs at a time, in TypeScript.
// node --experimental-strip-types 21-shared-state.ts    (Node 22.6 or newer)
import { setTimeout as sleep } from "node:timers/promises";

let logins = 0;
async function logIn(): Promise<number> {
  logins += 1;
  await sleep(30);
  if (logins === 1) throw new Error("refused");
  return logins;
}

// ANCHOR: shared
class Session {
  #token?: Promise<number>;

  token(): Promise<number> {
    // Between two awaits no other code runs, so this needs no lock. The promise is kept, not the
    // token: a caller that comes during the login awaits the same one. A failure is not kept.
    this.#token ??= logIn().catch((error) => {
      this.#token = undefined;
      throw error;
    });
    return this.#token;
  }
}

class Lock {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(section: () => Promise<T>): Promise<T> {
    const result = this.#last.then(section); // begins when the section before it has ended
    this.#last = result.catch(() => {}); // also if that one has thrown
    return result;
  }
}
// ANCHOR_END: shared

const session = new Session();
console.log((await Promise.allSettled([session.token(), session.token()])).map((each) => each.status));
console.log(await Promise.all([session.token(), session.token()]), logins);
const lock = new Lock();
let total = 0;
const add = (amount: number) =>
  lock.run(async () => {
    const before = total;
    await sleep(5);
    total = before + amount;
  });
const refused = lock.run(() => Promise.reject(new Error("refused"))).catch(() => {});
await Promise.all([add(42), refused, add(15)]);
console.log(total);
