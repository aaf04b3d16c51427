// The relay of lesson 18 in Go: a context asks, a WaitGroup waits, and a second context gives up.
package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

func publish(abort context.Context, row int) error {
	if row == 2 { // the broker never answers for this one
		<-abort.Done()
		return abort.Err()
	}
	time.Sleep(180 * time.Millisecond)
	return nil
}

// ANCHOR: drain
func run(stop context.Context) {
	abort, giveUp := context.WithCancel(context.Background())
	defer giveUp()
	published := make(chan int, 3)
	var publishing, marking sync.WaitGroup
	marking.Add(1)
	go func() {
		defer marking.Done()
		for row := range published {
			fmt.Println("marked row", row)
		}
	}()

	for row := 1; stop.Err() == nil; row++ { // 1. no new work
		publishing.Add(1) // before `go`: inside the goroutine it may be too late for Wait
		go func(row int) {
			defer publishing.Done()
			if publish(abort, row) == nil { // if it ignores `abort`, it keeps running
				published <- row
			}
		}(row)
		select {
		case <-stop.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}

	ended := make(chan struct{})
	go func() { publishing.Wait(); close(ended) }() // Wait has no deadline
	select {
	case <-ended: // 2. the tasks in progress
	case <-time.After(500 * time.Millisecond):
		giveUp()
		<-ended
	}
	close(published) // 3. the queue, closed by hand
	marking.Wait()
	fmt.Println("closes the database") // 4. what all of them used
}

// ANCHOR_END: drain

func main() {
	stop, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
	defer cancel()
	run(stop)
}
