package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// An Event tells subscribers that an item has changed.
type Event struct {
	Op   string `json:"op"` // "put" or "delete"
	Item Item   `json:"item"`
}

// A Hub passes events on to all who listen, as server-sent events.
type Hub struct {
	closed chan struct{}

	mu   sync.Mutex
	subs map[*subscriber]bool
}

type subscriber struct {
	events chan Event
	gone   <-chan struct{} // closed when nobody reads events any more
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub {
	return &Hub{closed: make(chan struct{}), subs: make(map[*subscriber]bool)}
}

// Close ends all subscriptions. It must be called once.
func (h *Hub) Close() { close(h.closed) }

// Publish sends an event to every subscriber.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		select {
		case sub.events <- e:
		case <-sub.gone:
		case <-h.closed:
		}
	}
}

// Subscribers returns the number of those who listen.
func (h *Hub) Subscribers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}

func (h *Hub) add(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[sub] = true
}

func (h *Hub) remove(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, sub)
}

// ServeHTTP streams events until the client goes away or the hub is closed.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sub := &subscriber{events: make(chan Event, 8), gone: r.Context().Done()}
	h.add(sub)
	defer h.remove(sub)

	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	rc := http.NewResponseController(w)
	for {
		if err := rc.Flush(); err != nil {
			return
		}
		select {
		case e := <-sub.events:
			data, err := json.Marshal(e)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil {
				return
			}
		case <-sub.gone:
			return
		case <-h.closed:
			return
		}
	}
}
