// The three events of lesson 10 in Go, one goroutine each. Go 1.22 or newer.
package main

import (
	"fmt"
	"sync"
	"time"
)

// ANCHOR: tasks
func publish(event string, confirmedAfter time.Duration) string {
	time.Sleep(confirmedAfter) // parks this goroutine, not its thread
	return event
}

func main() {
	events := []string{"upload completed", "payment processed", "notification delivered"}
	published := make([]string, len(events))
	var tasks sync.WaitGroup
	for i, event := range events {
		tasks.Add(1)
		go func() { // starts at once, and returns nothing
			defer tasks.Done()
			published[i] = publish(event, time.Duration(3-i)*100*time.Millisecond)
		}()
	}
	tasks.Wait() // without it, main returns, and the goroutines end with it
	fmt.Println(published)
}

// ANCHOR_END: tasks
