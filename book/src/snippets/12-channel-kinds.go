// The channel kinds of lesson 12 in Go: one kind, and the rest built from it.
package main

import (
	"fmt"
	"time"
)

// ANCHOR: kinds
type request struct {
	event  string
	answer chan int // a buffer of 1, so that the relay never waits for a caller that has gone
}

func relay(requests <-chan request) {
	receipt := 0
	for r := range requests {
		time.Sleep(100 * time.Millisecond)
		receipt++
		r.answer <- receipt // without this line the caller waits forever
	}
}

func announce(order int, subscribers []chan int) {
	for _, subscriber := range subscribers {
		select {
		case subscriber <- order:
		default: // its channel is full: this order is lost, and no one is told
		}
	}
}

// ANCHOR_END: kinds

func main() {
	requests := make(chan request, 3)
	go relay(requests)
	first := request{"upload completed", make(chan int, 1)}
	second := request{"payment processed", make(chan int, 1)}
	requests <- first
	requests <- second
	fmt.Println("receipts", <-first.answer, <-second.answer)
	close(requests)

	mailer, statistics := make(chan int, 8), make(chan int, 4)
	for order := 1; order <= 8; order++ {
		announce(order, []chan int{mailer, statistics})
	}
	fmt.Println("mailer has", len(mailer), "statistics has", len(statistics))
}
