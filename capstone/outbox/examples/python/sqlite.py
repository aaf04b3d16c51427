"""Orders and what the world is told of them, in one SQLite transaction; needs nothing but Python.

    python3 sqlite.py shop.db        after `capstone migrate --db sqlite:shop.db`
"""

import json
import sqlite3
import sys
import uuid

ENQUEUE = """
    INSERT INTO outbox (id, topic, key, headers, payload)
    SELECT :id, :topic, :key, :headers, :payload
     WHERE NOT EXISTS (SELECT 1 FROM outbox_dead WHERE id = :id)
    ON CONFLICT (id) DO NOTHING
"""


def enqueue(connection, topic, key, payload, headers=None, id=None):
    """Adds a message to the open transaction. The same id again, while it waits, adds nothing."""
    row = {
        "id": (id or uuid.uuid4()).bytes,  # 16 bytes, not text
        "topic": topic,
        "key": key,  # None: no order
        "headers": json.dumps(headers or {}),  # strings only
        "payload": payload,  # bytes, not text
    }
    connection.execute(ENQUEUE, row)


# ANCHOR: order
def order(connection, cents):
    connection.execute("BEGIN IMMEDIATE")
    try:
        number = connection.execute("INSERT INTO orders (cents) VALUES (?)", [cents]).lastrowid
        payload = json.dumps({"order": number, "cents": cents}).encode()
        enqueue(connection, "orders.created", f"order-{number}", payload, {"source": "python"})
        enqueue(connection, "orders.paid", f"order-{number}", payload)
        if cents <= 0:
            raise ValueError(f"an order of {cents} cents")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
# ANCHOR_END: order


def main(database):
    # isolation_level=None: begin and commit are ours. Waits up to 5 s for another writer.
    connection = sqlite3.connect(database, timeout=5, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")  # else a power cut may forget what was already published
    connection.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL)")
    order(connection, 1250)
    try:
        order(connection, -1)
    except ValueError as error:
        print(f"rolled back: {error}", file=sys.stderr)
    order(connection, 700)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
