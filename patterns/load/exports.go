package load

import (
	"os"
	"slices"
	"strings"
)

// A Memory remembers texts by name from one run to the next, as a cache does: it
// may forget.
type Memory interface {
	Get(name Sum) (text []byte, ok bool)
	Put(name Sum, text []byte)
}

// A made is what the go command makes of a package: export data, or Go files if
// it is one for the cgo command.
type made struct {
	export string
	files  []string
}

// Prepare finds what is needed to load some of the units: export data of the
// packages outside that they depend on, and what the cgo command makes. The go
// command is asked for what the memory, which may be nil, does not know. It is not
// ok if that failed.
func (l *Listing) Prepare(units []*Unit, m Memory) (ok bool) {
	var unknown []*listed
	for _, p := range l.needed(units) {
		if m != nil {
			if text, ok := m.Get(p.sum); ok && l.take(p, parseMade(string(text))) {
				continue
			}
		}
		unknown = append(unknown, p)
	}
	if len(unknown) == 0 {
		return true
	}
	flags := []string{"-export"}
	if slices.ContainsFunc(unknown, func(p *listed) bool { return p.local }) {
		flags = append(flags, "-compiled")
	}
	var paths []string
	for _, p := range unknown {
		paths = append(paths, p.ImportPath)
	}
	records, ok := l.ask("{{.ImportPath}}\x02{{.Export}}\x02"+list(".CompiledGoFiles"), flags, paths)
	if !ok {
		return false
	}
	for _, f := range records {
		p := l.listed[f[0]]
		if p == nil || !l.take(p, made{f[1], words(f[2])}) {
			return false
		}
		if m != nil {
			m.Put(p.sum, []byte(f[1]+"\x02"+f[2]))
		}
	}
	return len(records) == len(unknown)
}

func parseMade(text string) made {
	export, files, _ := strings.Cut(text, "\x02")
	return made{export, words(files)}
}

// needed lists what has to be made so that the units can be loaded.
func (l *Listing) needed(units []*Unit) []*listed {
	var out []*listed
	seen := make(map[string]bool)
	var visit func(path string)
	visit = func(path string) {
		p := l.listed[path]
		if p == nil || seen[path] || path == "unsafe" {
			return
		}
		seen[path] = true
		if !p.local || p.cgo {
			out = append(out, p)
		}
		if p.local {
			for _, path := range p.uses {
				visit(path)
			}
		}
	}
	for _, u := range units {
		visit(u.ImportPath)
	}
	return out
}

// take takes over what was made of a package, if it is still there.
func (l *Listing) take(p *listed, m made) bool {
	there := func(name string) bool {
		_, err := os.Stat(p.abs(name))
		return err == nil
	}
	if !p.local {
		l.shared.exports[p.ImportPath] = m.export
		return m.export != "" && there(m.export)
	}
	p.GoFiles = m.files
	return len(m.files) > 0 && !slices.ContainsFunc(m.files, func(name string) bool { return !there(name) })
}
