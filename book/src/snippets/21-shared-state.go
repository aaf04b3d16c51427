// Totals, a queue and a token that goroutines share, in Go.
package main

import (
	"fmt"
	"sync"
)

// ANCHOR: shared
type Sales struct {
	mu              sync.Mutex // guards the line below; nothing checks that
	orders, dollars int
}

func (s *Sales) Add(dollars int) {
	s.mu.Lock()
	defer s.mu.Unlock() // at the end of the function, not of the block; also after a panic
	s.orders++
	s.dollars += dollars
}

func worker(events <-chan int, publish func(int)) { // a channel has many receivers: no lock
	for event := range events {
		publish(event)
	}
}

type Session struct {
	once  sync.Once
	token int
}

func (s *Session) Token(logIn func() int) int {
	s.once.Do(func() { s.token = logIn() }) // others wait; if logIn panics, it is not called again
	return s.token
}

// ANCHOR_END: shared

func main() {
	var sales Sales
	var session Session
	events := make(chan int, 5)
	for event := 1; event <= 5; event++ {
		events <- event
	}
	close(events)
	var workers sync.WaitGroup
	for number := 1; number <= 3; number++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			worker(events, func(int) { sales.Add(42) })
			session.Token(func() int { fmt.Println("login"); return 1 })
		}()
	}
	workers.Wait()
	fmt.Println(sales.orders, sales.dollars, session.token)
}
