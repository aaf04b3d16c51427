// The reload of lesson 20 in Go: an atomic pointer to a complete configuration, and a ticker.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

type Config struct {
	Broker    string
	BatchSize int
}

func parse(text []byte) (*Config, error) {
	config := new(Config)
	lines := strings.ReplaceAll(string(text), " ", "")
	if _, err := fmt.Sscanf(lines, "broker=%s\nbatch_size=%d", &config.Broker, &config.BatchSize); err != nil {
		return nil, err
	}
	return config, nil
}

// ANCHOR: reload
type Watch struct {
	current atomic.Pointer[Config] // what it points to is complete, and must not be modified
	changed chan struct{}          // capacity 1: a hint that something has changed, for one reader
}

func (w *Watch) reload(ctx context.Context, path string, every time.Duration) {
	ticker := time.NewTicker(every) // the first tick comes after `every`
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		text, err := os.ReadFile(path)
		if err != nil {
			fmt.Println("keeps the old configuration:", err)
			continue
		}
		config, err := parse(text)
		if err != nil {
			fmt.Println("keeps the old configuration:", err)
			continue
		}
		if *config != *w.current.Load() { // does not compile if a field is a slice or a map
			w.current.Store(config)
			select {
			case w.changed <- struct{}{}:
			default: // there is a hint already
			}
		}
	}
}

// ANCHOR_END: reload

func main() {
	path := os.TempDir() + "/20-watch-config.conf"
	defer os.Remove(path)
	os.WriteFile(path, []byte("broker = broker-1\nbatch_size = 100\n"), 0o600)
	watch := &Watch{changed: make(chan struct{}, 1)}
	watch.current.Store(&Config{"broker-1", 100})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go watch.reload(ctx, path, 50*time.Millisecond)
	time.Sleep(120 * time.Millisecond)
	os.WriteFile(path, []byte("broker = broker-1\nbatch_size = many\n"), 0o600)
	time.Sleep(60 * time.Millisecond)
	os.WriteFile(path, []byte("broker = broker-1\nbatch_size = 200\n"), 0o600)
	<-watch.changed
	fmt.Println("batches of", watch.current.Load().BatchSize)
}
