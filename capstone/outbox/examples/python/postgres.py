"""Orders and what the world is told of them, in one PostgreSQL transaction; needs psycopg2.

    python3 postgres.py postgres://USER@HOST/DATABASE        after `capstone migrate --db …`
"""

import json
import sys
import uuid

import psycopg2

ENQUEUE = "SELECT outbox_enqueue(%s, %s, %s, %s, %s)"


def enqueue(cursor, topic, key, payload, headers=None, id=None):
    """Adds a message to the open transaction; its number, or None if the id is waiting already."""
    headers = json.dumps(headers or {})
    cursor.execute(ENQUEUE, (topic, key, payload, headers, str(id or uuid.uuid4())))
    return cursor.fetchone()[0]


# ANCHOR: order
def order(connection, cents):
    with connection, connection.cursor() as cursor:  # commits, or rolls back if anything is raised
        cursor.execute("INSERT INTO orders (cents) VALUES (%s) RETURNING id", [cents])
        number = cursor.fetchone()[0]
        payload = json.dumps({"order": number, "cents": cents})  # bytes need psycopg2.Binary
        # Last: from here to the commit, others who enqueue for this key wait.
        enqueue(cursor, "orders.created", f"order-{number}", payload, {"source": "python"})
        enqueue(cursor, "orders.paid", f"order-{number}", payload)
        if cents <= 0:
            raise ValueError(f"an order of {cents} cents")
# ANCHOR_END: order


def main(address):
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, cents integer NOT NULL)")
    order(connection, 1250)
    try:
        order(connection, -1)
    except ValueError as error:
        print(f"rolled back: {error}", file=sys.stderr)
    order(connection, 700)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
