// Concurrent questions, in Go: waiting for all, and returning the first error.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

func ask(ctx context.Context, after time.Duration, answer int) (int, error) {
	select {
	case <-time.After(after):
	case <-ctx.Done():
		return 0, ctx.Err() // cancelled, because this function checks the context
	}
	if answer < 0 {
		return 0, errors.New("sold out")
	}
	return answer, nil
}

// ANCHOR: join
func joinThree(ctx context.Context) (stock, price, days int) {
	var questions sync.WaitGroup
	questions.Add(3)
	go func() { defer questions.Done(); stock, _ = ask(ctx, 200*time.Millisecond, 7) }()
	go func() { defer questions.Done(); price, _ = ask(ctx, 300*time.Millisecond, 1250) }()
	go func() { defer questions.Done(); days, _ = ask(ctx, 100*time.Millisecond, 2) }()
	questions.Wait()
	return
}

func tryJoin(ctx context.Context) (stock, price int, err error) {
	group, ctx := errgroup.WithContext(ctx) // the context is cancelled at the first error
	group.Go(func() (err error) { stock, err = ask(ctx, 100*time.Millisecond, -1); return })
	group.Go(func() (err error) { price, err = ask(ctx, 300*time.Millisecond, 1250); return })
	err = group.Wait() // the first error, once all have returned, including one that ignores ctx
	return
}

// ANCHOR_END: join

func main() {
	start := time.Now()
	fmt.Println(joinThree(context.Background()))
	fmt.Println(time.Since(start).Milliseconds(), "ms")
	start = time.Now()
	fmt.Println(tryJoin(context.Background()))
	fmt.Println(time.Since(start).Milliseconds(), "ms")
}
