package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
)

// A Baseline is a list of known findings that are not to be reported again. A project
// that starts with many findings writes it once, and it shrinks from then on.
//
// Its text form has one line for each finding, sorted, in columns separated by tabs:
// package, function, lock, category, what waits, and the file, for human readers.
// Findings that differ only in the file are numbered in source order: the second has
// "#2" in a further column. Lines that begin with # are comments. There are no line
// numbers, so code may move.
type Baseline struct {
	Name    string // as it was given
	entries map[baselineKey]*baselineEntry
}

// A baselineKey says which finding an entry is for.
type baselineKey struct {
	pkg, function, lock, category, what string
	number                              int // among equals, from 1
}

// A baselineEntry is one line of a baseline.
type baselineEntry struct {
	baselineKey
	file string // without the directory
	line int    // in the baseline
	used bool
}

// keyOfFinding is the key of a finding, but for its number.
func keyOfFinding(f *finding.Finding) baselineKey {
	s, op := f.Section, f.Main()
	what := op.What
	if len(op.Path) > 0 { // what the function itself calls: the rest may change elsewhere
		what = op.Path[0].Func
	}
	return baselineKey{
		pkg: s.Unit.Pkg.Path, function: s.Unit.Name(), lock: s.Lock.String() + "." + s.Mode.Acquire(),
		category: op.Category, what: clean(what),
	}
}

// clean makes a text fit into a column.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

// numbered calls visit with the entry of every finding of one package, which
// must be in source order.
func numbered(found []*finding.Finding, visit func(*finding.Finding, baselineEntry)) {
	count := make(map[baselineKey]int)
	for _, f := range found {
		e := baselineEntry{baselineKey: keyOfFinding(f), file: filepath.Base(f.Section.Unit.File.Name)}
		count[e.baselineKey]++
		e.number = count[e.baselineKey]
		visit(f, e)
	}
}

const baselineHead = `# Findings that letgo does not report with -baseline=THIS FILE.
# Made by letgo -l -write-baseline=THIS FILE; do not add lines by hand.
# package, function, lock, category, what waits, file
`

// FormatBaseline returns the text form of a baseline with those findings that are to be
// kept. The list must have all findings, in source order within each package, because
// they are numbered together.
func FormatBaseline(found []*finding.Finding, keep func(*finding.Finding) bool) []byte {
	var lines []string
	numbered(found, func(f *finding.Finding, e baselineEntry) {
		if keep(f) {
			lines = append(lines, e.String())
		}
	})
	slices.Sort(lines)
	var out strings.Builder
	out.WriteString(baselineHead)
	for _, l := range slices.Compact(lines) {
		out.WriteString(l + "\n")
	}
	return []byte(out.String())
}

// String is the line of an entry.
func (e baselineEntry) String() string {
	s := strings.Join([]string{e.pkg, e.function, e.lock, e.category, e.what, e.file}, "\t")
	if e.number > 1 {
		s += fmt.Sprintf("\t#%d", e.number)
	}
	return s
}

// ParseBaseline parses the text form. The name is used in messages only. The
// error is an [*Error] that lists all mistakes.
func ParseBaseline(name string, content []byte) (*Baseline, error) {
	b := &Baseline{Name: name, entries: make(map[baselineKey]*baselineEntry)}
	var mistakes []string
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		e, column, wrong := parseEntry(line)
		e.line = number
		if old := b.entries[e.baselineKey]; wrong == "" && old != nil {
			column, wrong = 1, fmt.Sprintf("this is the same as line %d", old.line)
		}
		if wrong != "" {
			mistakes = append(mistakes, fmt.Sprintf("%s:%d:%d: %s", name, number, column, wrong))
			continue
		}
		b.entries[e.baselineKey] = e
	}
	if len(mistakes) > 0 {
		return nil, &Error{mistakes}
	}
	return b, nil
}

// parseEntry parses one line. If something is wrong, it says where and what.
func parseEntry(line string) (e *baselineEntry, column int, wrong string) {
	e = &baselineEntry{}
	fields := strings.Split(line, "\t")
	if len(fields) < 6 || len(fields) > 7 {
		return e, 1, fmt.Sprintf("the line has %d columns: want 6 or 7, separated by tabs; write the baseline again", len(fields))
	}
	column = 1
	for i, f := range fields {
		if f == "" || i == 6 && f[0] != '#' {
			return e, column, fmt.Sprintf("column %d is %q; write the baseline again", i+1, f)
		}
		column += len(f) + 1
	}
	e.pkg, e.function, e.lock, e.category, e.what, e.file, e.number = fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], 1
	if len(fields) == 7 {
		n, err := strconv.Atoi(fields[6][1:])
		if err != nil || n < 2 {
			return e, column - len(fields[6]) - 1, fmt.Sprintf("the number is %q: want #2 or more; write the baseline again", fields[6])
		}
		e.number = n
	}
	return e, 0, ""
}

// Filter returns the findings of one package that are not in the baseline, and
// remembers which entries had a finding.
func (b *Baseline) Filter(found []*finding.Finding) []*finding.Finding {
	var out []*finding.Finding
	numbered(found, func(f *finding.Finding, e baselineEntry) {
		if known := b.entries[e.baselineKey]; known != nil {
			known.used = true
			return
		}
		out = append(out, f)
	})
	return out
}

// Used counts the entries that had a finding.
func (b *Baseline) Used() int {
	n := 0
	for _, e := range b.entries {
		if e.used {
			n++
		}
	}
	return n
}

// A Gone is an entry of a baseline that no longer has a finding.
type Gone struct {
	Line int // in the baseline
	Text string
}

// Gone lists the entries that no finding matched, in the order of the file. Call it
// after [Baseline.Filter] has seen all packages. An entry counts only if the run would
// have found it: its package and file were analysed, or no longer exist, and its
// category is on.
func (b *Baseline) Gone(pkgs []*patterns.Package, on func(p *patterns.Package, category string) bool) []Gone {
	byPath := make(map[string][]*patterns.Package)
	for _, p := range pkgs {
		byPath[p.Path] = append(byPath[p.Path], p)
	}
	var out []Gone
	for _, e := range b.entries {
		if !e.used && e.gone(pkgs, byPath[e.pkg], on) {
			text := fmt.Sprintf("%s held across %s (%s) in %s of %s", e.lock, e.what, e.category, e.function, e.pkg)
			if e.number > 1 {
				text += fmt.Sprintf(", number %d", e.number)
			}
			out = append(out, Gone{e.line, text})
		}
	}
	slices.SortFunc(out, func(a, b Gone) int { return cmp.Compare(a.Line, b.Line) })
	return out
}

// gone reports whether the finding of an entry would have been found if it
// were still there.
func (e *baselineEntry) gone(all, own []*patterns.Package, on func(*patterns.Package, string) bool) bool {
	if len(own) == 0 {
		return slices.ContainsFunc(all, func(p *patterns.Package) bool { return lacks(p, e.pkg) })
	}
	return slices.ContainsFunc(own, func(p *patterns.Package) bool {
		if !on(p, e.category) {
			return false
		}
		analysed := slices.ContainsFunc(p.Files, func(f *patterns.File) bool { return filepath.Base(f.Name) == e.file })
		_, err := os.Stat(filepath.Join(p.Dir, e.file))
		return analysed || err != nil
	})
}

// lacks reports whether a package would belong to the module of p, but has no
// directory there any more.
func lacks(p *patterns.Package, path string) bool {
	rel, ok := strings.CutPrefix(path, p.Module+"/")
	if p.Module == "" || !ok {
		return false
	}
	inside := strings.TrimPrefix(strings.TrimPrefix(p.Path, p.Module), "/")
	root, ok := strings.CutSuffix(filepath.ToSlash(p.Dir), inside)
	if !ok {
		return false
	}
	_, err := os.Stat(filepath.Join(filepath.FromSlash(root), filepath.FromSlash(rel)))
	return err != nil
}

// Fingerprints returns a text for each finding that stays the same when code moves: its
// line in a baseline without the file name. The list must have all findings, in source
// order within each package.
func Fingerprints(found []*finding.Finding) map[*finding.Finding]string {
	out := make(map[*finding.Finding]string)
	numbered(found, func(f *finding.Finding, e baselineEntry) {
		e.file = ""
		out[f] = e.String()
	})
	return out
}
