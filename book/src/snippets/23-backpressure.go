// A bounded number of goroutines in Go: the slot is taken before the event is read and before `go`.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var inFlight, peak atomic.Int64

func publish(event int) {
	if now := inFlight.Add(1); now > peak.Load() {
		peak.Store(now) // good enough for a demonstration
	}
	time.Sleep(time.Duration(20+event*37%61) * time.Millisecond)
	inFlight.Add(-1)
}

// ANCHOR: permit-first
func relay(outbox func() (int, bool), limit int) {
	slots := make(chan struct{}, limit) // a channel as a semaphore
	var tasks sync.WaitGroup
	for {
		slots <- struct{}{} // waits while all slots are taken
		event, ok := outbox()
		if !ok {
			break
		}
		tasks.Add(1)
		go func(event int) {
			defer tasks.Done()
			defer func() { <-slots }() // the compiler does not remind you
			publish(event)
		}(event)
	}
	tasks.Wait()
}

// ANCHOR_END: permit-first

func main() {
	next := 0
	outbox := func() (int, bool) {
		next++
		return next, next <= 1000
	}
	start := time.Now()
	relay(outbox, 50)
	fmt.Println(time.Since(start).Milliseconds(), "ms, at most", peak.Load(), "in flight")
}
