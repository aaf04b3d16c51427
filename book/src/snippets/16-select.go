// Waiting for several things in Go: a batch that closes after 30 s, and a race.
package main

import (
	"context"
	"fmt"
	"time"
)

// ANCHOR: select
func collect(orders <-chan int, open time.Duration) (batch []int) {
	closes := time.After(open) // once, before the loop
	for {
		select {
		case <-closes:
			return batch
		case order, ok := <-orders:
			if !ok { // a closed channel is always ready: without this the loop spins
				return batch
			}
			batch = append(batch, order)
		}
	}
}

func fastest(ctx context.Context, mirrors ...func(context.Context) string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()                           // tells the losers, which must check ctx
	files := make(chan string, len(mirrors)) // room for all of them, or the losers would block forever
	for _, download := range mirrors {
		go func(download func(context.Context) string) { files <- download(ctx) }(download)
	}
	return <-files
}

// ANCHOR_END: select

func main() {
	orders := make(chan int)
	go func() {
		for order := 1; ; order++ {
			time.Sleep(20 * time.Millisecond)
			orders <- order
		}
	}()
	fmt.Println(collect(orders, 30*time.Millisecond))
	closed := make(chan int)
	close(closed)
	fmt.Println(collect(closed, time.Hour))
	mirror := func(name string, takes time.Duration) func(context.Context) string {
		return func(ctx context.Context) string {
			select {
			case <-time.After(takes):
				return name
			case <-ctx.Done():
				return ""
			}
		}
	}
	fmt.Println(fastest(context.Background(),
		mirror("mirror 1", 250*time.Millisecond), mirror("mirror 2", 100*time.Millisecond)))
}
