// The stock of lesson 19 in Go: a goroutine owns the counts, and a type hides its channel.
package main

import (
	"context"
	"fmt"
	"time"
)

// ANCHOR: actor
type request struct {
	item   string
	answer chan int // one slot, so that the actor never waits for a caller that has gone
}

type Stock struct{ takes chan request }

func NewStock(counts map[string]int) Stock { // the caller must not use `counts` any more
	stock := Stock{make(chan request, 8)}
	go func() {
		for r := range stock.takes { // ends when the channel is closed; closing it twice panics
			counts[r.item]--
			r.answer <- counts[r.item] // without this line the caller waits until its context ends
		}
	}()
	return stock
}

func (s Stock) Take(ctx context.Context, item string) (int, error) {
	r := request{item, make(chan int, 1)}
	select {
	case s.takes <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case left := <-r.answer:
		return left, nil
	case <-ctx.Done(): // the only way to learn that no answer will come
		return 0, ctx.Err()
	}
}

// ANCHOR_END: actor

func main() {
	stock := NewStock(map[string]int{"lamp": 5})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	fmt.Println(stock.Take(ctx, "lamp"))
	fmt.Println(stock.Take(ctx, "lamp"))
}
