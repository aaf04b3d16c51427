"""A client in Python, nats-py: says "ok" on standard output when all of it was as it should be."""

import asyncio
import sys

import nats
from nats.errors import NoRespondersError


async def main(url):
    errors = []

    async def on_error(error):
        errors.append(str(error))

    client = await nats.connect(url, token="t", error_cb=on_error, allow_reconnect=False)
    other = await nats.connect(url, token="t", allow_reconnect=False)

    # Wildcards and headers.
    orders = await client.subscribe("orders.>")
    await client.flush()
    await other.publish("orders.eu.created", b"one", headers={"Trace": "1"})
    await other.publish("customers", b"not for us")
    await other.publish("orders.paid", b"two")
    first, second = await orders.next_msg(5), await orders.next_msg(5)
    assert (first.subject, first.data, first.headers) == ("orders.eu.created", b"one", {"Trace": "1"}), first
    assert (second.data, second.headers) == (b"two", None), second

    # A queue group of two connections: each message once.
    done = []

    async def work(message):
        done.append(message.data)

    for member in (client, other):
        await member.subscribe("work", queue="workers", cb=work)
        await member.flush()
    for number in range(50):
        await client.publish("work", b"%d" % number)
    while len(done) < 50:
        await asyncio.sleep(0.005)
    assert sorted(done) == sorted(b"%d" % number for number in range(50)), done

    # Requests, in both manners, and nobody there.
    async def double(message):
        await message.respond(message.data * 2)

    await other.subscribe("double", cb=double)
    await other.flush()
    assert (await client.request("double", b"x", timeout=5)).data == b"xx"
    assert (await client.request("double", b"y", timeout=5, old_style=True)).data == b"yy"
    for subject in ("nobody", "$JS.API.INFO"):
        try:
            await client.request(subject, b"", timeout=5)
            raise AssertionError("nobody is there")
        except NoRespondersError:
            pass

    # A limit, and a refusal that keeps the connection.
    limited = await client.subscribe("limited")
    await limited.unsubscribe(limit=2)
    for _ in range(3):
        await client.publish("limited", b"")
    await client.publish("$SYS.x", b"")
    await client.flush()
    assert limited.delivered <= 2
    # nats-py may send its PING before what it has pending, so the refusal may come behind the PONG.
    while not errors:
        await asyncio.sleep(0.005)
    assert client.is_connected and "permissions violation" in errors[0].lower(), errors

    await other.drain()
    await client.drain()
    print("ok")


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 30))
