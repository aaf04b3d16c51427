"""Packs one order, then says so: a client in Python, with nats-py (pip install nats-py)."""

import asyncio
import os

import nats


# ANCHOR: client
async def main():
    client = await nats.connect(os.environ.get("NATS_URL", "nats://127.0.0.1:4222"))
    orders = await client.subscribe("orders.*", queue="warehouse")
    await client.flush()  # Now the server knows.
    print("listening for orders")
    order = await orders.next_msg(timeout=60)
    print(order.subject, order.data.decode())
    await client.publish("packed.python", order.data)
    await client.drain()  # Sends what is pending, then closes.
# ANCHOR_END: client


asyncio.run(main())
