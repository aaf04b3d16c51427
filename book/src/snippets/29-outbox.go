// An outbox in Go: the event in the transaction of the order, a relay, and a consumer with an inbox.
package shop

import (
	"context"
	"database/sql"
)

type Message struct{ ID, Body string }

type Broker interface {
	Publish(ctx context.Context, message Message) error
}

// ANCHOR: outbox
func PlaceOrder(ctx context.Context, db *sql.DB, order int, event Message) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit; without it a forgotten tx keeps its connection
	if _, err := tx.ExecContext(ctx, "INSERT INTO orders (id) VALUES (?)", order); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO outbox (id, body) VALUES (?, ?)", event.ID, event.Body); err != nil {
		return err // with `db` in place of `tx` this compiles too, and is a transaction of its own
	}
	return tx.Commit()
}

// ANCHOR_END: outbox

func Relay(ctx context.Context, db *sql.DB, broker Broker, seq int64, message Message) error {
	if err := broker.Publish(ctx, message); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, "UPDATE outbox SET sent = 1 WHERE seq = ?", seq)
	return err
}
