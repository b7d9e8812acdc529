package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// maxBody is the size of the largest item that is accepted, in bytes.
const maxBody = 1 << 20

// An Item is what the service keeps.
type Item struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Price int      `json:"price"` // in cents
	Tags  []string `json:"tags,omitempty"`
}

// Stats count what happened since the start, or since they were reset.
type Stats struct {
	Attempts int `json:"attempts"` // to store an item
	Stored   int `json:"stored"`
	Rejected int `json:"rejected"`
	Hits     int `json:"hits"`
	Misses   int `json:"misses"`
}

// A Server answers the requests for items.
type Server struct {
	validator *Validator
	hub       *Hub
	batch     *Batcher

	mu    sync.Mutex
	items map[string]Item
	stats Stats
}

// NewServer returns a server that has no items yet.
func NewServer(v *Validator, hub *Hub, batch *Batcher) *Server {
	return &Server{validator: v, hub: hub, batch: batch, items: make(map[string]Item)}
}

// Routes returns the handler for all requests.
func (s *Server) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", s.handleList)
	mux.HandleFunc("GET /items/{id}", s.handleGet)
	mux.HandleFunc("PUT /items/{id}", s.handlePut)
	mux.HandleFunc("DELETE /items/{id}", s.handleDelete)
	mux.HandleFunc("GET /stats", s.handleStats)
	mux.HandleFunc("DELETE /stats", s.handleReset)
	mux.Handle("GET /events", s.hub)
	return mux
}

// handlePut stores an item if the validation service accepts it.
func (s *Server) handlePut(w http.ResponseWriter, r *http.Request) {
	var item Item
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&item); err != nil {
		http.Error(w, "bad item: "+err.Error(), http.StatusBadRequest)
		return
	}
	item.ID = r.PathValue("id")

	status, err := s.put(r.Context(), item)
	if err != nil {
		http.Error(w, err.Error(), status)
		return
	}
	s.changed(Event{"put", item})
	writeJSON(w, status, item)
}

// put validates and stores an item. It returns the status to answer with.
func (s *Server) put(ctx context.Context, item Item) (status int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Attempts++ // whatever comes of it

	// Nothing is stored that the service has not seen.
	answer, err := s.validator.Validate(ctx, item)
	if err != nil {
		return http.StatusBadGateway, err
	}

	// TODO: let the service correct an item instead of rejecting it.

	if !answer.OK {
		s.stats.Rejected++
		return http.StatusUnprocessableEntity, fmt.Errorf("%s rejected: %s", item.ID, answer.Reason)
	}
	status = http.StatusOK
	if _, ok := s.items[item.ID]; !ok {
		status = http.StatusCreated
	}
	s.items[item.ID] = item
	s.stats.Stored++
	return status, nil
}

// handleGet returns one item.
func (s *Server) handleGet(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	item, ok := s.items[r.PathValue("id")]
	if ok {
		s.stats.Hits++
	} else {
		s.stats.Misses++
	}
	s.mu.Unlock()

	if !ok {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, http.StatusOK, item)
}

// handleDelete removes one item.
func (s *Server) handleDelete(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.mu.Lock()
	item, ok := s.items[id]
	delete(s.items, id)
	s.mu.Unlock()

	if !ok {
		http.NotFound(w, r)
		return
	}
	s.changed(Event{"delete", item})
	w.WriteHeader(http.StatusNoContent)
}

// handleList returns all items, sorted by ID.
func (s *Server) handleList(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, s.list())
}

func (s *Server) list() []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := make([]Item, 0, len(s.items))
	for _, item := range s.items {
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.ID, b.ID) })
	return items
}

// handleStats returns the counters and the number of what there is.
func (s *Server) handleStats(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	stats, items := s.stats, len(s.items)
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, struct {
		Stats
		Items       int `json:"items"`
		Logged      int `json:"logged"`
		Subscribers int `json:"subscribers"`
	}{stats, items, s.batch.Written(), s.hub.Subscribers()})
}

// handleReset sets the counters back to zero.
func (s *Server) handleReset(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.stats = Stats{}
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// changed records an event and tells the subscribers.
func (s *Server) changed(e Event) {
	if err := s.batch.Add(e); err != nil {
		log.Printf("log: %v", err)
	}
	s.hub.Publish(e)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Printf("write: %v", err)
	}
}
