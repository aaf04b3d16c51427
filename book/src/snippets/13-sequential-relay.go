// The sequential relay of lesson 13 in Go.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// ANCHOR: relay
type Event interface{ Publish() (string, error) }

type Upload string
type Payment int64 // cents
type Notification string

func (file Upload) Publish() (string, error) {
	time.Sleep(500 * time.Millisecond)
	return "relayed upload: " + string(file), nil
}

func (cents Payment) Publish() (string, error) {
	time.Sleep(800 * time.Millisecond)
	if cents <= 0 {
		return "", errors.New("invalid payment amount")
	}
	return fmt.Sprintf("payment of $%d.%02d processed", cents/100, cents%100), nil
}

func (message Notification) Publish() (string, error) {
	time.Sleep(300 * time.Millisecond)
	return "notification delivered: " + string(message), nil
}

func relay(events []Event, log *os.File) error {
	for _, event := range events {
		entry, err := event.Publish()
		if err != nil { // with `entry, _ :=` instead, an empty entry would be logged
			entry = "Error: " + err.Error()
		}
		stamp := time.Now().Format("2006-01-02 15:04:05") // local time
		if _, err := fmt.Fprintf(log, "[%s] %s\n", stamp, entry); err != nil {
			return err
		}
	}
	return nil
}

// ANCHOR_END: relay

func main() {
	log, err := os.OpenFile("sync_log.txt", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	defer log.Close()
	events := []Event{Upload("report.pdf"), Payment(1250), Notification("your report is ready"), Payment(-300)}
	if err := relay(events, log); err != nil {
		panic(err)
	}
}
