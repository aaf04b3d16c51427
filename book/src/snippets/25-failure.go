// The attempt and the pause of lesson 25 in Go: a context with a deadline, and an error that says what is known.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// ANCHOR: attempt
type Outcome int

const (
	Done Outcome = iota
	Failed
	Unknown
)

type Refused struct{ Transient bool }

func (r Refused) Error() string { return "refused" }

func attempt(ctx context.Context, charge func(context.Context) error) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, 250*time.Millisecond)
	defer cancel()
	err := charge(ctx) // ends at the deadline only if it looks at ctx
	var refused Refused
	switch {
	case err == nil:
		return Done, nil
	case errors.As(err, &refused):
		return Failed, err // the bank has said so
	default:
		return Unknown, err // context.DeadlineExceeded, a broken connection
	}
}

func pause(failures int) time.Duration {
	longest := 100 * time.Millisecond << min(failures-1, 9) // without min: negative, later 0
	return rand.N(min(longest, 30*time.Second))
}

// ANCHOR_END: attempt

func main() {
	slow := func(ctx context.Context) error {
		select {
		case <-time.After(300 * time.Millisecond):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	fmt.Println(attempt(context.Background(), slow))
	fmt.Println(pause(1) < 100*time.Millisecond, pause(1000) < 30*time.Second)
}
