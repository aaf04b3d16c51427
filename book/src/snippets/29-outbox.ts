// An outbox in TypeScript, with the SQLite that is built into Node.
// node --experimental-strip-types 29-outbox.ts    (Node 22.13 or newer)
import { DatabaseSync } from "node:sqlite";

type Message = { id: string; body: string };

const db = new DatabaseSync(":memory:");
db.exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY);
         CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, body TEXT, sent INTEGER DEFAULT 0)`);

// ANCHOR: outbox
function placeOrder(db: DatabaseSync, order: number, event: Message): void {
  db.exec("BEGIN IMMEDIATE"); // no await until COMMIT: another request would write into this transaction
  try {
    db.prepare("INSERT INTO orders (id) VALUES (?)").run(order);
    db.prepare("INSERT INTO outbox (id, body) VALUES (?, ?)").run(event.id, event.body);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK"); // nothing does it for you
    throw error;
  }
}
// ANCHOR_END: outbox

const event = { id: "order-1-placed", body: "order 1: a lamp" };
placeOrder(db, 1, event);
try {
  placeOrder(db, 1, event);
} catch (error) {
  console.log(`refused: ${(error as Error).message}`);
}
console.log(db.prepare("SELECT seq, id, sent FROM outbox").all());
