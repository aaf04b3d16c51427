// Micro-batches in Go: a goroutine collects them, and four others write them.
package main

import (
	"fmt"
	"sync"
	"time"
)

// ANCHOR: batches
func batches(orders <-chan int, max int, within time.Duration) <-chan []int {
	complete := make(chan []int)
	go func() {
		defer close(complete)
		var batch []int
		var timer <-chan time.Time // nil, and so never ready
		for {
			select {
			case order, open := <-orders:
				if !open {
					if len(batch) > 0 {
						complete <- batch
					}
					return
				}
				if len(batch) == 0 {
					timer = time.After(within) // starts with the first of a batch
				}
				batch = append(batch, order)
				if len(batch) < max {
					continue
				}
			case <-timer:
			}
			complete <- batch // waits for a free writer, and takes no orders meanwhile
			batch, timer = nil, nil
		}
	}()
	return complete
}

// ANCHOR_END: batches

func main() {
	start := time.Now()
	orders := make(chan int, 8)
	go func() {
		for order := 1; order <= 230; order++ {
			orders <- order
		}
		time.Sleep(620 * time.Millisecond)
		orders <- 231
		close(orders)
	}()
	complete := batches(orders, 100, 500*time.Millisecond)
	var writers sync.WaitGroup
	for n := 0; n < 4; n++ {
		writers.Add(1)
		go func() {
			defer writers.Done()
			for batch := range complete {
				fmt.Println(time.Since(start).Milliseconds()/10*10, len(batch))
				time.Sleep(350 * time.Millisecond)
			}
		}()
	}
	writers.Wait()
}
