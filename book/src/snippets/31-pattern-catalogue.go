// The checkout in Go: a channel of orders, both answers, and all receipts written.
package main

import (
	"fmt"
	"sync"
	"time"
)

func ask(takesMs time.Duration, answer int) int {
	time.Sleep(takesMs * time.Millisecond)
	return answer
}

func writeReceipt(order, stock, price int) {
	time.Sleep(50 * time.Millisecond)
	fmt.Println("order", order, "costs", price, "cents, and", stock, "are in stock")
}

// ANCHOR: checkout
func checkout(orders <-chan int) {
	var receipts sync.WaitGroup
	for order := range orders { // until the channel is closed and empty
		var stock, price int
		var both sync.WaitGroup
		both.Add(2)
		go func() { defer both.Done(); stock = ask(40, 5) }()
		go func() { defer both.Done(); price = ask(70, 1250) }()
		both.Wait()
		receipts.Add(1)
		go func(order int) { defer receipts.Done(); writeReceipt(order, stock, price) }(order)
	}
	receipts.Wait()
}

// ANCHOR_END: checkout

func main() {
	start := time.Now()
	orders := make(chan int, 3)
	go func() {
		for _, order := range []int{7, 8, 9} {
			orders <- order
			time.Sleep(10 * time.Millisecond)
		}
		close(orders)
	}()
	checkout(orders)
	fmt.Println(time.Since(start).Milliseconds(), "ms")
}
