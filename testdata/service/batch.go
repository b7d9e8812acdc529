package main

import (
	"bytes"
	"encoding/json"
	"os"
	"sync"
)

// A Batcher appends events to a file, one JSON object a line, several lines at
// a time.
type Batcher struct {
	file *os.File
	size int // flush when so many events are pending

	mu      sync.Mutex
	pending []Event
	written int
}

// OpenBatcher returns a batcher for the named file, which is created if need be.
func OpenBatcher(name string, size int) (*Batcher, error) {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &Batcher{file: file, size: size}, nil
}

// Add records an event, and writes the batch out if it is full.
func (b *Batcher) Add(e Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending = append(b.pending, e)
	if len(b.pending) < b.size {
		return nil
	}
	return b.flush()
}

// Written returns the number of events in the file.
func (b *Batcher) Written() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written
}

// Close writes what is pending and closes the file.
func (b *Batcher) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.flush(); err != nil {
		return err
	}
	return b.file.Close()
}

// flush writes the pending events. The caller holds b.mu.
func (b *Batcher) flush() error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for _, e := range b.pending {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	if _, err := b.file.Write(buf.Bytes()); err != nil {
		return err
	}
	b.written += len(b.pending)
	b.pending = b.pending[:0]
	return b.file.Sync()
}
