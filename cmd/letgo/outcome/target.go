package outcome

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// A Target is the place that "letgo explain" explains.
type Target struct {
	file string // absolute
	Line int
}

// ParseTarget parses FILE:LINE or FILE:LINE:COLUMN and checks that the line exists.
func ParseTarget(a *app.App, arg string) (Target, error) {
	bad := fmt.Errorf("%q is not of the form FILE:LINE", arg)
	name, number, ok := cutLast(arg)
	if front, middle, two := cutLast(name); ok && two && isNumber(middle) && isNumber(number) {
		name, number = front, middle
	}
	line, err := strconv.Atoi(number)
	if !ok || name == "" || err != nil {
		return Target{}, bad
	}
	t := Target{name, line}
	if !filepath.IsAbs(name) {
		t.file = filepath.Join(a.Dir, name)
	}
	text, err := os.ReadFile(t.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t, fmt.Errorf("%s does not exist", name)
	case err != nil:
		return t, fmt.Errorf("%s: %w", name, PlainError(err))
	}
	if n := strings.Count(strings.TrimSuffix(string(text), "\n"), "\n") + 1; line < 1 || line > n {
		return t, fmt.Errorf("%s has no line %d: its lines are 1 to %d", name, line, n)
	}
	return t, nil
}

// cutLast cuts s at its last colon.
func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// LoadAround loads the packages named or, if there are none, all packages of the file's
// module: a wait may be in any of them.
func LoadAround(ctx context.Context, a *app.App, t Target, args []string) (*Program, error) {
	if strings.HasSuffix(t.file, "_test.go") {
		a.Opts.Tests = true
	}
	if len(args) > 0 {
		return Load(ctx, a, a.Dir, args)
	}
	dir := filepath.Dir(t.file)
	args = []string{"."}
	if root := load.ModuleRoot(dir); root != "" {
		args = append(args, filepath.Join(root, "..."))
	}
	return Load(ctx, a, dir, args)
}

// FileOf returns the loaded file of the target, with its package.
func FileOf(a *app.App, p *Program, t Target) (*patterns.Package, *patterns.File, error) {
	info, err := os.Stat(t.file)
	if err != nil {
		return nil, nil, PlainError(err)
	}
	for _, q := range p.Packages {
		for _, f := range q.Files {
			if f.Name == t.file {
				return q, f, nil
			}
			if filepath.Base(f.Name) != filepath.Base(t.file) {
				continue
			}
			if other, err := os.Stat(f.Name); err == nil && os.SameFile(info, other) {
				return q, f, nil
			}
		}
	}
	why := "build constraints may exclude it (see -tags)"
	for _, q := range p.Problems {
		if path.Dir(q.Pos) == path.Dir(a.Rel(t.file)) {
			why = q.String()
		}
	}
	return nil, nil, fmt.Errorf("%s is in none of the packages that were loaded: %s", a.Rel(t.file), why)
}

// Choose returns the section that a line means: one that begins on it, otherwise the
// innermost that contains it.
func Choose(a *app.App, x *patterns.Program, q *patterns.Package, f *patterns.File, line int) (*locks.Section, error) {
	var in []*locks.Section
	var best *locks.Section
	for _, s := range locks.SectionsIn(x, q) {
		if s.Unit.File != f {
			continue
		}
		in = append(in, s)
		at := s.Position().Line
		if at == line {
			return s, nil
		}
		if app.Marks(s, nil)[line] != "" && (best == nil || at > best.Position().Line) {
			best = s
		}
	}
	name := a.Rel(f.Name)
	switch {
	case best != nil:
		return best, nil
	case len(in) == 0:
		return nil, fmt.Errorf("%s:%d is not in a critical section, and the file has none", name, line)
	}
	near := slices.MinFunc(in, func(s, t *locks.Section) int { return cmp.Compare(distance(s, line), distance(t, line)) })
	return nil, fmt.Errorf("%s:%d is in no critical section; the nearest one begins at %s:%d with %s.%s() in %s",
		name, line, name, near.Position().Line, near.Lock, near.Mode.Acquire(), near.Unit.Name())
}

// sectionsAt returns the calls that take the locks of the sections that -at names, or
// nil if it names none.
func sectionsAt(a *app.App, p *Program) (map[*ast.CallExpr]bool, error) {
	if a.Opts.At == "" {
		return nil, nil
	}
	at := make(map[*ast.CallExpr]bool)
	for place := range strings.SplitSeq(a.Opts.At, ",") {
		t, err := ParseTarget(a, place)
		if err != nil {
			return nil, fmt.Errorf("-at: %w", err)
		}
		q, f, err := FileOf(a, p, t)
		if err != nil {
			return nil, fmt.Errorf("-at: %w", err)
		}
		s, err := Choose(a, p.Program, q, f, t.Line)
		if err != nil {
			return nil, fmt.Errorf("-at: %w", err)
		}
		at[s.Acquire] = true
	}
	return at, nil
}

// distance counts the lines from a section to a line outside of it.
func distance(s *locks.Section, line int) int {
	best := 1 << 30
	for l, m := range app.Marks(s, nil) {
		if m != "" {
			best = min(best, max(l-line, line-l))
		}
	}
	return best
}
