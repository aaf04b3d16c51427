// The two producers of lesson 11 in Go.
package main

import (
	"fmt"
	"sync"
	"time"
)

// ANCHOR: channel
func main() {
	events := make(chan string, 3)
	var producers sync.WaitGroup
	producers.Add(2)
	go func() {
		defer producers.Done()
		events <- "upload completed"
		time.Sleep(time.Second)
		events <- "file synced to bucket"
	}()
	go func() {
		defer producers.Done()
		time.Sleep(500 * time.Millisecond)
		events <- "payment processed"
	}()
	go func() {
		producers.Wait()
		close(events) // explicitly, once, and only after the last send
	}()
	for event := range events { // ends when the channel is closed and empty
		fmt.Println("received", event)
	}
}
// ANCHOR_END: channel
