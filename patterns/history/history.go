// Package history uses git to find out why a lock is held across a wait: whether a later
// change moved the wait under the lock, and what its commit message says.
package history

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
)

// A Change is a commit that made a function hold a lock across a wait that happened without
// the lock before.
type Change struct {
	Kind    Kind
	Commit  string // abbreviated
	Subject string

	// Narrowed is the earlier commit that moved the wait out of the section, for PutBack.
	Narrowed        string
	NarrowedSubject string
}

// A Kind says how a wait came under a lock.
type Kind string

const (
	// PutBack: an earlier commit had moved the wait out of the section.
	PutBack Kind = "put-back"
	// Moved: the section grew, or the wait was moved into it.
	Moved Kind = "moved-in"
	// Added: the function did not take the lock before.
	Added Kind = "lock-added"
)

// String describes the change, with the commit and its subject.
func (c *Change) String() string {
	switch c.Kind {
	case PutBack:
		return fmt.Sprintf("commit %s %q brought the wait back under the lock, after %s %q had released it before", c.Commit, c.Subject, c.Narrowed, c.NarrowedSubject)
	case Added:
		return fmt.Sprintf("commit %s %q put the lock around the wait", c.Commit, c.Subject)
	}
	return fmt.Sprintf("commit %s %q brought the wait under the lock", c.Commit, c.Subject)
}

// speaks matches words that show that a commit message is about locking.
var speaks = regexp.MustCompile(`(?i)\b(rac(e|es|ed|ing|y)|(at most|only) one|one at a time|at one time|at once|dead lock|deadlock\w*|hold(s|ing)?|held|(re)?order(s|ed|ing)?|locks?|locked|locking|mutex(es)?|concurren\w*|seriali[sz]e\w*|simultaneous\w*|atomic\w*)\b`)

// narrows matches words that show that a commit was meant to hold locks for less time.
var narrows = regexp.MustCompile(`(?i)\b(contention|contended|reduc\w*|shorten\w*|shorter|narrow\w*|granular\w*|less|outside|earlier)\b`)

// mostCommits is the maximum number of commits to examine per function, newest first.
const mostCommits = 40

// Why finds the change that moved the waits of each finding in a file under its lock. The
// result has only findings with such a change. Why examines the file as of HEAD.
func (r *Repo) Why(ctx context.Context, file string, found []*finding.Finding) (map[*finding.Finding]*Change, error) {
	name, ok := r.inside(file)
	if !ok {
		return nil, nil
	}
	head, err := r.parse(r.head, name)
	if err != nil || head == nil {
		return nil, err // the file is not in HEAD, or doesn't parse
	}
	asked := make(map[*finding.Finding]*ast.FuncDecl)
	var ranges []lineRange
	for _, f := range found {
		if d := head.function(f.Section.Unit.Decl); d != nil {
			asked[f] = d
			ranges = append(ranges, head.lines(d))
		}
	}
	if len(ranges) == 0 {
		return nil, nil
	}
	lines, err := r.blame(ctx, r.head, name, ranges)
	if err != nil {
		return nil, err
	}
	out := make(map[*finding.Finding]*Change)
	for _, f := range found {
		if d := asked[f]; d != nil {
			c, err := r.why(ctx, f, lines, head.lines(d))
			if err != nil {
				return out, err
			}
			if c != nil {
				out[f] = c
			}
		}
	}
	return out, nil
}

// why looks for the change among the commits that last changed the function's lines.
func (r *Repo) why(ctx context.Context, f *finding.Finding, lines []blamed, in lineRange) (*Change, error) {
	q := questionOf(f)
	for _, b := range newest(lines, in) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c, err := r.commit(b.commit)
		if err != nil {
			return nil, err
		}
		if b.previous == "" || !speaks.MatchString(c.message) || narrows.MatchString(c.subject()) {
			continue
		}
		before, after, err := r.heldAround(q, b)
		if err != nil {
			return nil, err
		}
		if !brought(before, after) || !speaks.MatchString(c.subject()) && rewrote(before, after) {
			continue
		}
		change := &Change{Kind: Moved, Commit: c.short(), Subject: c.subject()}
		if !before.takesLock {
			change.Kind = Added
		}
		return change, r.narrowed(ctx, q, b, change)
	}
	return nil, nil
}

// rewrote reports whether less than half of a function's lines are from the old version. The
// message of such a large change may mention locks for other reasons.
func rewrote(before, after standing) bool {
	old := make(map[string]int)
	for _, line := range before.text {
		old[line]++
	}
	kept := 0
	for _, line := range after.text {
		if old[line] > 0 {
			old[line]--
			kept++
		}
	}
	return 2*kept < len(after.text)
}

// narrowed looks for an earlier commit that had moved the wait out of the section. If there
// is one, it updates change.
func (r *Repo) narrowed(ctx context.Context, q *question, b blamed, change *Change) error {
	parsed, err := r.parse(b.previous, b.previousName)
	if err != nil || parsed == nil {
		return err
	}
	d := parsed.function(q.decl)
	if d == nil {
		return nil
	}
	lines, err := r.blame(ctx, b.previous, b.previousName, []lineRange{parsed.lines(d)})
	if err != nil {
		return err
	}
	for _, e := range newest(lines, parsed.lines(d)) {
		if e.previous == "" {
			continue
		}
		before, after, err := r.heldAround(q, e)
		if err != nil {
			return err
		}
		if brought(after, before) {
			c, err := r.commit(e.commit)
			if err != nil {
				return err
			}
			change.Kind, change.Narrowed, change.NarrowedSubject = PutBack, c.short(), c.subject()
			return nil
		}
	}
	return nil
}

// heldAround answers the question for the versions before and after a commit.
func (r *Repo) heldAround(q *question, b blamed) (before, after standing, err error) {
	old, err := r.parse(b.previous, b.previousName)
	if err != nil || old == nil {
		return before, after, err
	}
	now, err := r.parse(b.commit, b.name)
	if err != nil || now == nil {
		return before, after, err
	}
	return q.ask(old), q.ask(now), nil
}

// brought reports whether a wait without the lock before is under the lock after.
func brought(before, after standing) bool {
	for wait, n := range after.held {
		if n > before.held[wait] && after.free[wait] < before.free[wait] {
			return true
		}
	}
	return false
}

// newest returns the commits that last changed lines in a range, newest first, one line for
// each.
func newest(lines []blamed, in lineRange) []blamed {
	var out []blamed
	seen := make(map[string]bool)
	for _, b := range lines {
		if in.from <= b.line && b.line <= in.to && !seen[b.commit] {
			seen[b.commit] = true
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b blamed) int { return b.time.Compare(a.time) })
	return out[:min(len(out), mostCommits)]
}

// inside returns the name of a file relative to the root of the repository.
func (r *Repo) inside(file string) (string, bool) {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return "", false
	}
	name, err := filepath.Rel(r.root, real)
	if err != nil || !filepath.IsLocal(name) || strings.Contains(name, "\n") {
		return "", false
	}
	return filepath.ToSlash(name), true
}

// A lineRange is a range of lines, including from and to.
type lineRange struct{ from, to int }

// A blamed is a line of a file with the commit that last changed it.
type blamed struct {
	line         int
	commit, name string // name is that of the file in the commit
	time         time.Time

	previous, previousName string // the commit before it and the file's name there, or ""
}

// A parsed is a parsed file from a commit.
type parsed struct {
	fset    *token.FileSet
	file    *ast.File
	content []byte
}

// function returns the function with the same name and receiver as a declaration in the
// checkout, or nil.
func (p *parsed) function(like *ast.FuncDecl) *ast.FuncDecl {
	if like == nil {
		return nil
	}
	for _, d := range p.file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil && patterns.DeclName(d) == patterns.DeclName(like) {
			return d
		}
	}
	return nil
}

// text returns the nonblank lines of a function, without indentation.
func (p *parsed) text(d *ast.FuncDecl) []string {
	var lines []string
	for line := range strings.Lines(string(p.content[p.fset.Position(d.Pos()).Offset:p.fset.Position(d.End()).Offset])) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (p *parsed) lines(d *ast.FuncDecl) lineRange {
	return lineRange{p.fset.Position(d.Pos()).Line, p.fset.Position(d.End()).Line}
}
