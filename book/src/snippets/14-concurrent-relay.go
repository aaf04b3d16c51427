// The concurrent relay of lesson 14 in Go.
package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

type Event struct {
	Done  string
	Takes time.Duration
}

func publish(event Event) string {
	time.Sleep(event.Takes)
	return event.Done
}

// ANCHOR: relay
func relay(events []Event, log *os.File) {
	entries := make(chan string, 64)
	var writer, tasks sync.WaitGroup
	writer.Add(1)
	go func() { // one goroutine owns the log
		defer writer.Done()
		for entry := range entries {
			fmt.Fprintf(log, "[%s] %s\n", time.Now().Format("2006-01-02 15:04:05"), entry)
		}
	}()

	for _, event := range events {
		tasks.Add(1)
		go func(event Event) { // starts here: the loop is eager
			defer tasks.Done()
			entries <- publish(event) // a panic in publish ends the whole program
		}(event)
	}
	tasks.Wait()
	close(entries) // explicit, after the last send
	writer.Wait()
}

// ANCHOR_END: relay

func main() {
	log, err := os.OpenFile("async_log.txt", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer log.Close()
	relay([]Event{
		{"relayed upload: report.pdf", 500 * time.Millisecond},
		{"payment of $12.50 processed", 800 * time.Millisecond},
		{"notification delivered: your report is ready", 300 * time.Millisecond},
		{"Error: invalid payment amount", 800 * time.Millisecond},
	}, log)
}
