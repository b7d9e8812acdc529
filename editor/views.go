package editor

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/patterns/load"
)

// A place is what is known of a directory: which view its files belong to.
type place struct {
	*load.Place // nil if the files of the directory are not looked at
	err         error
}

// errForeign is the error for files that are not the user's own.
var errForeign = errors.New("the file is part of the standard library or of another module, and no folder that is open holds it")

// viewOf returns the view that a file belongs to. It is loaded in the
// background if it is new.
func (s *server) viewOf(ctx context.Context, path string) (*view, error) {
	p := s.placeOf(ctx, filepath.Dir(path))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if p.err != nil {
		s.tell(p.err)
		return nil, p.err
	}
	if p.Foreign && !s.inFolder(path) {
		return nil, errForeign
	}
	return s.viewAt(p.Place, path), nil
}

// placeOf returns what is known of a directory.
func (s *server) placeOf(ctx context.Context, dir string) place {
	s.mu.Lock()
	p, known := s.places[dir]
	s.mu.Unlock()
	if known {
		return p
	}
	p.Place, p.err = load.Locate(ctx, dir, nil)
	if ctx.Err() == nil {
		s.mu.Lock()
		s.places[dir] = p
		s.mu.Unlock()
	}
	return p
}

// viewAt returns the view at a place.
func (s *server) viewAt(p *load.Place, path string) *view {
	key := p.Dir + "\x00" + strings.Join(p.Args, " ")
	if p.Args == nil {
		key += path // outside of any module every file stands alone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.views[key]
	if v == nil {
		v = newView(s, p, path)
		s.views[key] = v
		v.reload()
	}
	return v
}

// inFolder reports whether a file lies in a folder that the client has open.
func (s *server) inFolder(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.folders {
		if within(f, path) {
			return true
		}
	}
	return false
}

func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// tell shows the user an error that keeps letgo from working, once. What only
// concerns some files goes to the log.
func (s *server) tell(err error) {
	var e *load.Error
	if errors.As(err, &e) && e.Kind == load.Cancelled {
		return
	}
	s.mu.Lock()
	again := s.told[err.Error()]
	s.told[err.Error()] = true
	s.mu.Unlock()
	switch {
	case again:
	case e != nil && e.Kind == load.NoPackages:
		s.logf(protocol.MessageTypeInfo, "%v", err)
	default:
		s.showf(protocol.MessageTypeError, "%v", err)
	}
}

// all returns the views, in no particular order.
func (s *server) all() []*view {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*view
	for _, v := range s.views {
		out = append(out, v)
	}
	return out
}

// dropViews forgets what was loaded, and looks at all open files anew. The
// caller holds s.mu.
func (s *server) dropViews() {
	for key, v := range s.views {
		v.drop()
		delete(s.views, key)
	}
	clear(s.told)
	for path := range s.docs {
		go s.schedule(path, 0)
	}
}

// analyse brings the findings of a document up to date.
func (s *server) analyse(path string) {
	if s.doc(path) == nil {
		return
	}
	v, err := s.viewOf(s.ctx, path)
	if err == nil {
		err = v.wait(s.ctx)
	}
	if err != nil {
		s.debugf("%s: %v", path, err)
		return
	}
	v.analyse(path)
}

// saved is called after a document was saved: from now on other packages see
// what has changed.
func (s *server) saved(path string) {
	defer s.recovered("looking at " + path)
	v, err := s.viewOf(s.ctx, path)
	if err != nil || v.wait(s.ctx) != nil {
		return
	}
	if v.outdated(path) {
		v.reload()
		return
	}
	v.forgetLeftOut(path)
	v.analyse(path)
	v.settle()
}

// closed is called after a document was closed: what is on disk counts again.
func (s *server) closed(path string) {
	defer s.recovered("looking at " + path)
	v, err := s.viewOf(s.ctx, path)
	if err != nil || v.wait(s.ctx) != nil {
		return
	}
	if !v.readDisk(path) {
		v.reload()
		return
	}
	v.analyse(path)
}

func (s *server) didChangeWatchedFiles(_ context.Context, p *protocol.DidChangeWatchedFilesParams) error {
	workspace := false
	reload := make(map[*view]bool)
	touched := make(map[*view][]string)
	for _, c := range p.Changes {
		path, ok := pathOf(c.URI)
		if !ok {
			continue
		}
		workspace = workspace || filepath.Base(path) == "go.work" || filepath.Base(path) == "go.mod" && c.Type != protocol.FileChangeTypeChanged
		for _, v := range s.all() {
			if !within(v.place.Dir, path) {
				continue
			}
			if isGo(path) && c.Type == protocol.FileChangeTypeChanged {
				touched[v] = append(touched[v], path)
			} else if !isGo(path) || v.concerns(path) {
				reload[v] = true
			}
		}
	}
	if workspace {
		s.mu.Lock()
		clear(s.places)
		s.dropViews()
		s.mu.Unlock()
		return nil
	}
	for v := range reload {
		v.reload()
		delete(touched, v)
	}
	for v, paths := range touched {
		go v.touched(paths)
	}
	return nil
}
