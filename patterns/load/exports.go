package load

import (
	"bytes"
	"crypto/sha256"
	"go/types"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// A Memory is a cache of texts by name that persists across runs.
type Memory interface {
	Get(name Sum) (text []byte, ok bool)
	Put(name Sum, text []byte)
}

// Prepare finds what else is needed to load some of the units: the Go files that the
// cgo command generates for their packages and dependencies. It asks the go command for
// what the memory does not have. The memory may be nil. ok is false if the go command
// failed.
//
// Prepare compiles no Go code. The types of other packages are read from source, and
// remembered for packages outside the main modules.
func (l *Listing) Prepare(units []*Unit, m Memory) (ok bool) {
	l.memory = m
	var unknown []*listed
	for _, p := range l.needed(units) {
		if m != nil {
			if text, ok := m.Get(p.sum); ok && p.take(words(string(text))) {
				continue
			}
		}
		unknown = append(unknown, p)
	}
	if len(unknown) == 0 {
		return true
	}
	var paths []string
	for _, p := range unknown {
		paths = append(paths, p.ImportPath)
	}
	records, ok := l.ask("{{.ImportPath}}\x02"+list(".CompiledGoFiles"), []string{"-compiled"}, paths)
	if !ok {
		return false
	}
	for _, f := range records {
		p := l.listed[f[0]]
		if p == nil || !p.take(words(f[1])) {
			return false
		}
		if m != nil {
			m.Put(p.sum, []byte(f[1]))
		}
	}
	return len(records) == len(unknown)
}

// needed lists the packages whose cgo-generated files are needed to load the units.
func (l *Listing) needed(units []*Unit) []*listed {
	var out []*listed
	seen := make(map[string]bool)
	var visit func(path string)
	visit = func(path string) {
		p := l.listed[path]
		if p == nil || seen[path] || !p.local {
			return
		}
		seen[path] = true
		if p.cgo {
			out = append(out, p)
		}
		for _, path := range p.uses {
			visit(path)
		}
	}
	for _, u := range units {
		visit(u.ImportPath)
	}
	return out
}

// take sets the package's files to those generated for it, if they still exist.
func (p *listed) take(files []string) bool {
	there := func(name string) bool {
		_, err := os.Stat(p.abs(name))
		return err == nil
	}
	if len(files) == 0 || slices.ContainsFunc(files, func(name string) bool { return !there(name) }) {
		return false
	}
	p.GoFiles, p.made = files, true
	return true
}

// keepTypes stores the types of a package that was read from source in the memory, with
// the paths of the packages they refer to.
func (l *Listing) keepTypes(p *listed, q *types.Package) {
	if l.memory == nil || p.local {
		return
	}
	var b bytes.Buffer
	for _, imp := range q.Imports() {
		b.WriteString(imp.Path() + "\x01")
	}
	b.WriteByte(2)
	if err := gcexportdata.Write(&b, l.shared.fset, q); err == nil { // fails for C types
		l.memory.Put(p.typesSum(), b.Bytes())
	}
}

// keptTypes returns the types that keepTypes or builtTypes stored in the memory, if any.
func (im *unitImporter) keptTypes(p *listed) (q *types.Package, ok bool) {
	if im.listing.memory == nil || p.local {
		return nil, false
	}
	text, ok := im.listing.memory.Get(p.typesSum())
	if name, isBuilt := strings.CutPrefix(string(text), builtMark); isBuilt {
		q, err := im.readExport(name, p.Path())
		return q, err == nil
	}
	paths, data, found := strings.Cut(string(text), "\x02")
	if !ok || !found {
		return nil, false
	}
	// Import what the data refers to first. Some of it may have to be read from source,
	// and there must not be two copies.
	of := im.of(p.Unit)
	for _, path := range words(paths) {
		if _, err := of.plain(path); err != nil {
			return nil, false
		}
	}
	q, err := gcexportdata.Read(strings.NewReader(data), im.fset, im.known, p.Path())
	return q, err == nil
}

// typesSum is the name of the package's types in the memory.
func (p *listed) typesSum() Sum { return sha256.Sum256(append([]byte("types 1\n"), p.sum[:]...)) }
