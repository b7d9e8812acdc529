package load

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"sync"
)

// A Listing is what the go command says about some packages and everything they depend
// on, without compiling anything.
type Listing struct {
	Units []*Unit // the packages named, each after those that it imports

	// All are these and the packages of the main modules that they depend on, each
	// after those that it imports: facts of the latter tell what the former call.
	All []*Unit

	g      *goCmd
	flags  []string           // of the go command
	listed map[string]*listed // by import path, as the go command prints it
	memory Memory             // or nil
	built  *built             // nil until asked for
	shared *unitImporter
}

// A listed is one package of a listing.
type listed struct {
	*Unit
	sum     Sum
	goMod   string   // of its module, if that is a main one
	root    bool     // it was named
	foreign bool     // it belongs to a module that is not a main one
	cgo     bool     // its files are made by the cgo command
	made    bool     // and that has made them
	uses    []string // paths of what it imports

	// local: it belongs to what is worked on, or depends on that. The types of such
	// a package are read from source: to have the go command write export data is to
	// have it compile the package, and after each change all that import it.
	local bool

	mutable bool // its files may change
}

// A Sum identifies a package with everything it depends on: packages with one sum have
// the same files and types.
type Sum [sha256.Size]byte

// List lists the packages that args name, without their test files.
//
// ok is false if a package has an error or does not belong to a main module or the
// standard library. [Load] then reports what is wrong.
func List(cfg Config, args ...string) (l *Listing, ok bool) {
	g, err := newGoCmd(cfg)
	if err != nil {
		return nil, false
	}
	l = &Listing{g: g, listed: make(map[string]*listed)}
	if cfg.Tags != "" {
		l.flags = append(l.flags, "-tags="+cfg.Tags)
	}
	l.shared = &unitImporter{
		fset: token.NewFileSet(), known: make(map[string]*types.Package), mu: new(sync.Mutex),
		listing: l, texts: make(map[string][]byte),
	}
	records, ok := l.ask(listFormat, []string{"-deps"}, args)
	if !ok {
		return nil, false
	}
	std := slices.ContainsFunc(records, func(f []string) bool { return f[0] == "r" && g.inStd(f[2]) })
	base := l.base()
	for _, f := range records {
		p := l.newListed(f, std)
		if p.root && len(p.GoFiles) > 0 {
			if !l.loadable(p) {
				return nil, false
			}
			l.Units = append(l.Units, p.Unit)
			l.All = append(l.All, p.Unit)
		}
		if !p.root && p.ModulePath != "" && len(p.GoFiles) > 0 && l.loadable(p) {
			l.All = append(l.All, p.Unit)
		}
		if p.sum, err = l.sumOf(base, p); err != nil {
			return nil, false
		}
		l.listed[p.ImportPath] = p
	}
	return l, len(l.Units) > 0
}

// listFormat is what the go command is asked to print of every package. The values never
// contain control characters.
var listFormat = strings.Join([]string{
	`{{if .DepOnly}}d{{else}}r{{end}}`, `{{.ImportPath}}`, `{{.Dir}}`, `{{if .Standard}}std{{end}}`,
	`{{with .Module}}{{.Path}}{{end}}`, `{{with .Module}}{{if not .Main}}-{{.Version}}{{end}}{{end}}`, `{{with .Module}}{{.GoVersion}}{{end}}`,
	list(".GoFiles"), list(".CgoFiles"),
	list(".HFiles") + list(".CFiles") + list(".CXXFiles") + list(".MFiles") + list(".FFiles") + list(".SFiles") + list(".SwigFiles") + list(".SwigCXXFiles"),
	list(".Imports"), `{{.Name}}`, `{{with .Module}}{{if .Main}}{{.GoMod}}{{end}}{{end}}`, `{{range $k, $v := .ImportMap}}{{$k}}` + "\x03" + `{{$v}}` + "\x01" + `{{end}}`,
}, "\x02")

// list is the format of a list, in which an end mark comes after each word.
func list(name string) string { return `{{range ` + name + `}}{{.}}` + "\x01" + `{{end}}` }

// words reads a list.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == 1 })
}

// ask has the go command list packages in a format of fields set apart by \x02.
// It is not ok if the command has anything to complain of.
func (l *Listing) ask(format string, flags, args []string) ([][]string, bool) {
	out, complaints, err := l.g.output(slices.Concat([]string{"list", "-f=" + format + "\x04"}, flags, l.flags, []string{"--"}, args)...)
	if err != nil || len(complaintsIn(complaints)) > 0 || strings.Contains(complaints, warning) {
		return nil, false
	}
	var records [][]string
	n := strings.Count(format, "\x02") + 1
	for record := range bytes.SplitSeq(out, []byte{4}) {
		if f := strings.Split(strings.TrimPrefix(string(record), "\n"), "\x02"); len(f) == n {
			records = append(records, f)
		}
	}
	return records, true
}

// newListed makes a package of one record. std says that the standard library is
// what is worked on.
func (l *Listing) newListed(f []string, std bool) *listed {
	u := &Unit{ID: f[1], ImportPath: f[1], Dir: f[2], GoVersion: l.g.goVersion(), ImportMap: make(map[string]string), shared: l.shared}
	u.ModulePath, u.GoFiles, u.Imports, u.name = f[4], words(f[7]), words(f[10]), f[11]
	if f[6] != "" {
		u.GoVersion = "go" + f[6]
	}
	for _, pair := range words(f[13]) {
		if from, to, ok := strings.Cut(pair, "\x03"); ok {
			u.ImportMap[from] = to
		}
	}
	p := &listed{Unit: u, goMod: f[12], root: f[0] == "r", foreign: f[5] != "", cgo: f[8] != ""}
	standard := f[3] != ""
	if p.cgo { // until they are made
		u.GoFiles = slices.Concat(u.GoFiles, words(f[8]), words(f[9]))
	}
	if p.local = p.root || !p.foreign; standard {
		p.local = std
	}
	imports := u.Imports
	if p.cgo { // what the files import that the cgo command makes
		imports = append(slices.Clip(imports), "runtime/cgo", "syscall")
	}
	for _, path := range imports {
		if q := l.listed[path]; q != nil && !slices.Contains(p.uses, path) {
			p.uses = append(p.uses, path)
			p.local = p.local || q.local
		}
	}
	p.mutable = p.local || !standard && !within(l.g.vars.GOMODCACHE, u.Dir)
	return p
}

// loadable reports whether a package that was named is one to look at.
func (l *Listing) loadable(p *listed) bool {
	return !strings.HasPrefix(p.ImportPath, commandLine) && !p.foreign && (p.ModulePath != "" || within(l.g.vars.GOROOT, p.Dir))
}

// base names what everything depends on.
func (l *Listing) base() []byte { return fmt.Appendf(nil, "%q %q", l.g.vars, l.flags) }

// sumOf names a package, for which the packages that it imports are listed. The
// files of modules in the module cache never change, and those of the standard
// library are those of the Go version, if it is not what is worked on.
func (l *Listing) sumOf(base []byte, p *listed) (sum Sum, err error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %q %q %v %v %q\n", base, p.ImportPath, p.Dir, p.GoVersion, p.local, p.ImportMap, p.GoFiles)
	if p.mutable {
		for _, name := range p.GoFiles {
			name = p.abs(name)
			text, err := os.ReadFile(name)
			if err != nil {
				return sum, err
			}
			if p.local {
				l.shared.texts[name] = text
			}
			fmt.Fprintf(h, "%d\n%s", len(text), text)
		}
	}
	for _, path := range p.uses {
		s := l.listed[path].sum
		h.Write(s[:])
	}
	h.Sum(sum[:0])
	return sum, nil
}

// SumOf returns the sum of one of the units.
func (l *Listing) SumOf(u *Unit) Sum { return l.listed[u.ImportPath].sum }
