// The bus of lesson 26 in Go: handlers by the type of the event, a goroutine for each call.
package main

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"
)

// ANCHOR: events
type Bus struct {
	mu       sync.Mutex
	handlers map[reflect.Type][]func(any) error
}

func On[E any](bus *Bus, handler func(E) error) {
	bus.mu.Lock()
	defer bus.mu.Unlock()
	of := reflect.TypeOf((*E)(nil)).Elem()
	bus.handlers[of] = append(bus.handlers[of], func(event any) error { return handler(event.(E)) })
}

func Emit[E any](bus *Bus, event E) []error {
	bus.mu.Lock()
	handlers := bus.handlers[reflect.TypeOf((*E)(nil)).Elem()]
	bus.mu.Unlock()
	outcomes := make([]error, len(handlers)) // one for each goroutine, so they need no lock
	var all sync.WaitGroup
	for i, handler := range handlers {
		all.Add(1)
		go func() {
			defer all.Done()
			defer func() {
				if cause := recover(); cause != nil { // without this, a panic ends the program
					outcomes[i] = fmt.Errorf("panicked: %v", cause)
				}
			}()
			outcomes[i] = handler(event)
		}()
	}
	all.Wait()
	return outcomes
}

// ANCHOR_END: events

type OrderPlaced struct{ Order int }

func main() {
	bus := &Bus{handlers: map[reflect.Type][]func(any) error{}}
	On(bus, func(placed OrderPlaced) error { return errors.New("card declined") })
	On(bus, func(placed OrderPlaced) error { panic("a bug") })
	On(bus, func(placed OrderPlaced) error { time.Sleep(20 * time.Millisecond); return nil })
	fmt.Println(Emit(bus, OrderPlaced{7}))
}
