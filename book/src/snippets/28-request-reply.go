// The client of lesson 28 in Go: one connection, and a map of the requests that wait.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ANCHOR: request
type Client struct {
	conn    net.Conn
	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan string
	late    int
}

func (c *Client) Ask(ctx context.Context, article string) (string, error) {
	answer := make(chan string, 1) // one slot, so that `read` never waits for a caller that has gone
	c.mu.Lock()
	c.last++
	id := c.last
	c.waiting[id] = answer
	c.mu.Unlock()
	defer func() { // however this function ends
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()
	if _, err := fmt.Fprintf(c.conn, "%d %s\n", id, article); err != nil {
		return "", err
	}
	select {
	case price := <-answer:
		return price, nil
	case <-ctx.Done(): // also the only way to learn that the connection has ended
		return "", ctx.Err()
	}
}

func (c *Client) read() {
	for lines := bufio.NewScanner(c.conn); lines.Scan(); {
		number, price, _ := strings.Cut(lines.Text(), " ")
		id, _ := strconv.ParseUint(number, 10, 64)
		c.mu.Lock()
		answer, waits := c.waiting[id]
		delete(c.waiting, id)
		if waits {
			answer <- price // it has a free slot
		} else {
			c.late++
		}
		c.mu.Unlock()
	}
}

// ANCHOR_END: request

func main() {
	near, far := net.Pipe()
	client := &Client{conn: near, waiting: map[uint64]chan string{}}
	go client.read()
	go func() { // the server
		for lines := bufio.NewScanner(far); lines.Scan(); {
			id, _, _ := strings.Cut(lines.Text(), " ")
			fmt.Fprintf(far, "%s $40\n", id)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	fmt.Println(client.Ask(ctx, "lamp"))
}
