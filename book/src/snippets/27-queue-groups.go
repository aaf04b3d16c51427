// The group of lesson 27 in Go: a channel may have many receivers, and each order goes to one of them.
package main

import (
	"fmt"
	"sync"
	"time"
)

type worker struct {
	name  string
	takes time.Duration
}

// ANCHOR: group
func main() {
	orders := make(chan int, 8)
	var working sync.WaitGroup
	for _, w := range []worker{{"worker 1", 100}, {"worker 2", 350}, {"worker 3", 130}} {
		working.Add(1)
		go func(w worker) {
			defer working.Done()
			for order := range orders { // all three receive from the same channel
				time.Sleep(w.takes * time.Millisecond)
				fmt.Println(w.name, "has charged order", order)
			}
		}(w)
	}
	for order := 1; order <= 6; order++ {
		orders <- order // blocks forever if all workers have returned and the channel is full
	}
	close(orders)
	working.Wait()
}

// ANCHOR_END: group
