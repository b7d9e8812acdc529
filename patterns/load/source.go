package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/letgo-dev/letgo/internal/scratch"
)

// A source is the text of one file as passed to the parser.
type source struct {
	content []byte // LF line endings, no byte order mark
	crlf    bool   // every line ended in CR LF
	bom     bool   // there was a byte order mark
	mixed   bool   // there were CRs, but not exactly one at each line ending
}

var utf8BOM = []byte("\xef\xbb\xbf")

// normalize strips a byte order mark and turns CR LF into LF. If neither crlf nor
// mixed is set, the text had no CR. If crlf is set, turning LF into CR LF and restoring
// the mark gives the original bytes. If mixed is set, the original can't be restored.
func normalize(text []byte) source {
	var s source
	s.content, s.bom = bytes.CutPrefix(text, utf8BOM)
	cr := bytes.Count(s.content, []byte("\r"))
	if cr == 0 {
		return s
	}
	pairs := bytes.Count(s.content, []byte("\r\n"))
	s.crlf = pairs == cr && pairs == bytes.Count(s.content, []byte("\n"))
	s.mixed = !s.crlf
	s.content = bytes.ReplaceAll(s.content, []byte("\r\n"), []byte("\n"))
	return s
}

// sources normalizes, parses and remembers the files of one load.
type sources struct {
	overlay map[string][]byte // by clean absolute path

	mu    sync.Mutex
	files map[string]source // by name, as the go command gives it
}

func newSources(overlay map[string][]byte) (*sources, error) {
	s := &sources{
		overlay: make(map[string][]byte, len(overlay)),
		files:   make(map[string]source),
	}
	for name, text := range overlay {
		if !filepath.IsAbs(name) {
			return nil, errorf(BadOverlay, "overlay %s: the path must be absolute", name)
		}
		s.overlay[filepath.Clean(name)] = bytes.Clone(text)
	}
	return s, nil
}

// parse is a packages.Config.ParseFile function. text is the file on disk, which an
// overlay replaces.
func (s *sources) parse(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
	if unsaved, ok := s.unsaved(name); ok {
		text = unsaved
	}
	src := normalize(text)
	s.mu.Lock()
	s.files[name] = src
	s.mu.Unlock()
	return parser.ParseFile(fset, name, src.content, parser.ParseComments|parser.SkipObjectResolution)
}

// unsaved returns the overlay of the named file. The overlay may name it differently
// if a directory is a symbolic link.
func (s *sources) unsaved(name string) ([]byte, bool) {
	if text, ok := s.overlay[name]; ok {
		return text, true
	}
	for other, text := range s.overlay {
		if filepath.Base(other) == filepath.Base(name) && sameFile(other, name) {
			return text, true
		}
	}
	return nil, false
}

func sameFile(a, b string) bool {
	ai, err := os.Stat(a)
	if err != nil {
		return false
	}
	bi, err := os.Stat(b)
	return err == nil && os.SameFile(ai, bi)
}

// unwritten returns the overlays of files that don't exist on disk, or nil.
func (s *sources) unwritten() map[string][]byte {
	var m map[string][]byte
	for name, text := range s.overlay {
		if _, err := os.Stat(name); err != nil {
			if m == nil {
				m = make(map[string][]byte)
			}
			m[name] = text
		}
	}
	return m
}

// writeOverlay writes the overlays to a temporary directory and returns the name of a
// file for the go command's -overlay flag.
//
// packages.Config.Overlay would do the same, but it also makes go/packages type-check
// every dependency from source, even those unrelated to the unsaved file. That is ten
// times slower for a package that imports net/http, and unnecessary, because the go
// command takes the overlays into account when it writes export data.
func (s *sources) writeOverlay() (name string, remove func(), err error) {
	if len(s.overlay) == 0 {
		return "", func() {}, nil
	}
	dir, err := scratch.Dir()
	if err != nil {
		return "", nil, &Error{BadOverlay, err.Error(), err}
	}
	remove = func() { os.RemoveAll(dir) }
	if name, err = writeOverlayFiles(dir, s.overlay); err != nil {
		remove()
		return "", nil, &Error{BadOverlay, err.Error(), err}
	}
	return name, remove, nil
}

func writeOverlayFiles(dir string, overlay map[string][]byte) (string, error) {
	replace := make(map[string]string, len(overlay))
	for name, text := range overlay {
		file := filepath.Join(dir, fmt.Sprintf("%d-%s", len(replace)+1, filepath.Base(name)))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return "", err
		}
		replace[name] = file
	}
	text, err := json.Marshal(struct{ Replace map[string]string }{replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, text, 0o600)
}

// hasLineDirective reports whether the file has a line directive. A //line comment is
// one only at the start of a line.
func hasLineDirective(fset *token.FileSet, f *ast.File) bool {
	return slices.ContainsFunc(f.Comments, func(g *ast.CommentGroup) bool {
		return slices.ContainsFunc(g.List, func(c *ast.Comment) bool {
			if strings.HasPrefix(c.Text, "//line ") {
				return fset.PositionFor(c.Pos(), false).Column == 1
			}
			return strings.HasPrefix(c.Text, "/*line ")
		})
	})
}
