package editor

import (
	"context"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/editor/protocol"
)

// A document is an open file as the client has it. It never changes: a change
// makes a new one.
type document struct {
	uri     protocol.URI // as the client spells it
	path    string
	version int32
	*text
}

// pathOf returns the absolute path of a file's URI.
func pathOf(u protocol.URI) (string, bool) { return u.Path() }

func isGo(path string) bool { return strings.HasSuffix(path, ".go") }

func (s *server) didOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) error {
	d := p.TextDocument
	path, ok := pathOf(d.URI)
	if !ok || !isGo(path) {
		return nil
	}
	s.mu.Lock()
	s.docs[path] = &document{d.URI, path, d.Version, newText(d.Text)}
	s.mu.Unlock()
	s.schedule(path, 0)
	return nil
}

func (s *server) didChange(_ context.Context, p *protocol.DidChangeTextDocumentParams) error {
	path, ok := pathOf(p.TextDocument.URI)
	if !ok {
		return nil
	}
	s.mu.Lock()
	old := s.docs[path]
	if old == nil {
		s.mu.Unlock()
		if isGo(path) {
			return jsonrpc.Errorf(jsonrpc.InvalidParams, "%s is changed but not open", path)
		}
		return nil
	}
	t := old.text
	for _, c := range p.ContentChanges {
		t = t.change(c)
	}
	s.docs[path] = &document{old.uri, path, p.TextDocument.Version, t}
	s.mu.Unlock()
	s.schedule(path, s.opts.Delay)
	return nil
}

func (s *server) didSave(_ context.Context, p *protocol.DidSaveTextDocumentParams) error {
	path, ok := pathOf(p.TextDocument.URI)
	if !ok || !isGo(path) {
		return nil
	}
	go s.saved(path)
	return nil
}

func (s *server) didClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) error {
	path, ok := pathOf(p.TextDocument.URI)
	if !ok {
		return nil
	}
	s.mu.Lock()
	d := s.docs[path]
	delete(s.docs, path)
	if t := s.timers[path]; t != nil {
		t.Stop()
		delete(s.timers, path)
	}
	s.mu.Unlock()
	if d != nil {
		s.publish(d.uri, nil, nil)
		go s.closed(path)
	}
	return nil
}

// doc returns an open document, or nil.
func (s *server) doc(path string) *document {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.docs[path]
}

// allDocs returns the open documents, by path.
func (s *server) allDocs() map[string]*document {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.docs)
}

// schedule analyses a document after a while, unless another change comes
// before.
func (s *server) schedule(path string, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.timers[path]; t != nil {
		t.Stop()
	}
	s.timers[path] = time.AfterFunc(after, func() {
		defer s.recovered("analysing " + path)
		s.analyse(path)
	})
	s.restAfter(after)
}

// recovered reports a panic of a goroutine of the server, and lets it end
// alone.
func (s *server) recovered(what string) {
	if v := recover(); v != nil {
		s.logf(protocol.MessageTypeError, "internal error while %s: %v; please report this\n%s", what, v, stack())
	}
}

// readText returns the text of a file on disk, or nil if there is none.
func readText(path string) *text {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return newText(string(raw))
}
