// Packs one order, then says so: a client in JavaScript without a library. The protocol is lines of text.
// In a service take @nats-io/transport-node: it reconnects, and answers the server's PINGs.

import { connect } from "node:net";
import { createInterface } from "node:readline";

// ANCHOR: client
const { hostname, port } = new URL(process.env.NATS_URL ?? "nats://127.0.0.1:4222");
const socket = connect(Number(port), hostname);
const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value; // A line, without its end.
const settled = async () => {
  socket.write("PING\r\n");
  while ((await next()) !== "PONG"); // All that was sent before the PING has been carried out.
};

await next(); // INFO {…}: what the server is
socket.write('CONNECT {"verbose":false}\r\nSUB orders.* warehouse 1\r\n');
await settled();
console.log("listening for orders");

const [, subject] = (await next()).split(" "); // MSG orders.created 1 11
const payload = await next();
console.log(subject, payload);
socket.write(`PUB packed.javascript ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
await settled();
socket.end();
// ANCHOR_END: client
