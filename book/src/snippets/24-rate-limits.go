// The limiter of lesson 24 in Go: the token bucket of golang.org/x/time/rate.
package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// ANCHOR: limiter
// A token every 600 ms, and room for three. Many goroutines may use it.
var limiter = rate.NewLimiter(rate.Every(600*time.Millisecond), 3)

func pay(ctx context.Context) error {
	// Reserves a moment and waits for it. If the context ends first, the moment is given back as far as possible: those
	// behind have their moments already.
	if err := limiter.Wait(ctx); err != nil {
		return err // the context has ended, or its deadline comes before the moment
	}
	fmt.Println("payment is sent")
	return nil
}

func reportProgress() {
	if limiter.Allow() { // does not wait
		fmt.Println("progress is sent")
	}
}

// ANCHOR_END: limiter

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for i := 0; i < 5; i++ {
		fmt.Println(pay(ctx))
	}
	reportProgress()
}
