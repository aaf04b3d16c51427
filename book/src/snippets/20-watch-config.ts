// The reload of lesson 20 in TypeScript: a timer, a frozen object, and an EventEmitter.
// node --experimental-strip-types 20-watch-config.ts    (Node 22.6 or newer)
import { EventEmitter, once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// ANCHOR: reload
type Config = Readonly<{ broker: string; batchSize: number }>;

function parse(text: string): Config {
  const value: unknown = JSON.parse(text); // may throw, and does not check the shape
  const { broker, batchSize } = value as Partial<Config>; // `as` checks nothing
  if (typeof broker !== "string" || !Number.isInteger(batchSize)) {
    throw new Error("not a configuration");
  }
  return Object.freeze({ broker, batchSize: batchSize! });
}

class Watch extends EventEmitter {
  current: Config;

  constructor(current: Config) {
    super();
    this.current = current;
  }

  async reload(path: string, everyMs: number, stop: AbortSignal) {
    while (await sleep(everyMs, true, { signal: stop }).catch(() => false)) {
      try {
        const config = parse(await readFile(path, "utf8"));
        if (JSON.stringify(config) === JSON.stringify(this.current)) continue;
        this.current = config;
        this.emit("changed"); // a listener that throws, throws here
      } catch (error) {
        console.error(`keeps the old configuration: ${error}`); // without this, a typo ends Node
      }
    }
  }
}
// ANCHOR_END: reload

const path = join(tmpdir(), `20-watch-config-${process.pid}.json`);
const stop = new AbortController();
await writeFile(path, '{"broker":"broker-1","batchSize":100}');
const watch = new Watch(parse('{"broker":"broker-1","batchSize":100}'));
const reloading = watch.reload(path, 50, stop.signal);
await sleep(120);
await writeFile(path, '{"broker":"broker-1","batchSize":"many"}');
await sleep(60);
await writeFile(path, '{"broker":"broker-1","batchSize":200}');
await once(watch, "changed");
console.log("batches of", watch.current.batchSize);
stop.abort();
await reloading;
await rm(path);
