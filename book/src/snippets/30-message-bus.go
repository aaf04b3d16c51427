// The bus of lesson 30 in Go: a table behind a lock, and mailboxes that are offered to, not waited for.
package main

import (
	"fmt"
	"sync"
)

// ANCHOR: bus
type Bus struct {
	lock      sync.RWMutex
	mailboxes map[string][]chan string
}

func (b *Bus) Subscribe(topic string, slots int) <-chan string {
	mailbox := make(chan string, slots)
	b.lock.Lock()
	defer b.lock.Unlock()
	b.mailboxes[topic] = append(b.mailboxes[topic], mailbox)
	return mailbox // when the subscriber has gone, the bus does not notice
}

func (b *Bus) Publish(topic, message string) (delivered, dropped int) {
	b.lock.RLock()
	defer b.lock.RUnlock()
	for _, mailbox := range b.mailboxes[topic] {
		select {
		case mailbox <- message:
			delivered++
		default: // full; without this case Publish would wait here, with the lock
			dropped++
		}
	}
	return delivered, dropped // the caller may ignore both
}

// ANCHOR_END: bus

func main() {
	bus := Bus{mailboxes: make(map[string][]chan string)}
	orders := bus.Subscribe("orders.created", 1)
	fmt.Println(bus.Publish("orders.created", "order 1"))
	fmt.Println(bus.Publish("orders.created", "order 2"))
	fmt.Println(<-orders)
}
