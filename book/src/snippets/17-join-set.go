// A worker pool in Go: results arrive as the events end, and a panic is told apart from an error.
package main

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

type Event struct {
	Name  string
	Takes time.Duration
	Ends  string
}

func publish(event Event) error {
	time.Sleep(event.Takes)
	switch event.Ends {
	case "refused":
		return errors.New("refused by the broker")
	case "panics":
		panic("an empty notice")
	}
	return nil
}

// ANCHOR: pool
type Outcome struct {
	Name string
	Err  error
}

func publishAll(events []Event, workers int) <-chan Outcome {
	waiting, outcomes := make(chan Event), make(chan Outcome)
	var pool sync.WaitGroup
	for n := 0; n < workers; n++ {
		pool.Add(1)
		go func() {
			defer pool.Done()
			for event := range waiting { // one has ended, so the next begins
				outcomes <- settle(event)
			}
		}()
	}
	go func() {
		for _, event := range events {
			waiting <- event
		}
		close(waiting)
		pool.Wait()
		close(outcomes) // a receiver that stops before this leaves the workers blocked
	}()
	return outcomes
}

func settle(event Event) (outcome Outcome) {
	defer func() {
		if panicked := recover(); panicked != nil { // without this the program ends
			outcome = Outcome{event.Name, fmt.Errorf("crashed: %v", panicked)}
		}
	}()
	return Outcome{event.Name, publish(event)}
}

// ANCHOR_END: pool

func main() {
	start := time.Now()
	for outcome := range publishAll([]Event{
		{"upload", 500 * time.Millisecond, ""},
		{"payment", 800 * time.Millisecond, ""},
		{"notice", 300 * time.Millisecond, "panics"},
		{"refund", 350 * time.Millisecond, "refused"},
	}, 3) {
		fmt.Println(time.Since(start).Milliseconds()/10*10, outcome)
	}
}
