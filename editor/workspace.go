package editor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// The commands for the whole workspace. Their argument is a [workspaceArgs] or
// nothing.
const (
	commandDiff  = "letgo.diff"  // shows the diff of all rewrites; its result is the text
	commandApply = "letgo.apply" // carries them out; its result is how many files change
)

type workspaceArgs struct {
	// Grade is the lowest of the rewrites to carry out. Like the command line,
	// letgo.diff takes "review" if it is "", and letgo.apply "safe".
	Grade safety.Grade `json:"grade"`
}

func parseWorkspaceArgs(p *protocol.ExecuteCommandParams) (workspaceArgs, error) {
	var args workspaceArgs
	bad := len(p.Arguments) > 1
	if len(p.Arguments) == 1 {
		bad = json.Unmarshal(p.Arguments[0], &args) != nil
	}
	if bad || !slices.Contains([]safety.Grade{"", safety.Safe, safety.Review}, args.Grade) {
		return args, jsonrpc.Errorf(jsonrpc.InvalidParams, `%s takes at most one argument, an object with a grade, "safe" or "review"`, p.Command)
	}
	return args, nil
}

// A rewriting is the rewrites of all packages of one view.
type rewriting struct {
	changes []verify.Change // sorted by file
	doubts  []string        // what a person has to check
	broken  []string        // packages left out, as their text does not compile
}

// rewriteAll works out the rewrites of all packages of a view, one step for
// each, so that the user can go on meanwhile.
func (v *view) rewriteAll(ctx context.Context, grade safety.Grade) (*rewriting, error) {
	var pkgs []*pkg
	v.step(func() {
		for _, p := range v.pkgs {
			pkgs = append(pkgs, p)
		}
	})
	slices.SortFunc(pkgs, func(a, b *pkg) int { return cmp.Compare(a.current.ID, b.current.ID) })
	r := &rewriting{}
	seen := make(map[string]bool)
	for _, p := range pkgs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var done *rewrite.Result
		var err error
		v.step(func() { done, err = v.rewritePackage(p, grade) })
		if err != nil {
			return nil, err
		}
		if done == nil {
			r.broken = append(r.broken, p.current.ID)
			continue
		}
		for _, c := range perSection(done) {
			if !seen[c.File.Name] { // a file may belong to two packages
				r.changes = append(r.changes, c)
			}
			seen[c.File.Name] = true
		}
		for _, e := range done.Entries {
			if e.Applied != nil && e.Applied.Grade() == safety.Review {
				at := e.Finding.Position()
				for _, q := range v.questions(e.Applied) {
					r.doubts = append(r.doubts, fmt.Sprintf("%s:%d: %s", v.relative(at.Filename), at.Line, q))
				}
			}
		}
	}
	slices.SortFunc(r.changes, func(a, b verify.Change) int { return cmp.Compare(a.File.Name, b.File.Name) })
	return r, nil
}

// rewritePackage returns nil for a package whose text does not compile. The
// error is that the packages were loaded anew meanwhile. The caller holds v.mu.
func (v *view) rewritePackage(p *pkg, grade safety.Grade) (*rewrite.Result, error) {
	if v.pkgs[p.current.ID] != p {
		return nil, errModified
	}
	v.fresh(p) // takes note of what has changed on disk
	if v.update(p) != nil {
		return nil, nil
	}
	limits := rewrite.Limits{Shapes: v.srv.shapes, Categories: v.options(p).Categories, MinGrade: grade}
	return rewrite.Fix(v.program, p.current, limits), nil
}

// workspaceViews returns the views of the open folders and of all open files,
// loaded.
func (s *server) workspaceViews(ctx context.Context) ([]*view, error) {
	s.mu.Lock()
	folders := slices.Clone(s.folders)
	s.mu.Unlock()
	for _, dir := range folders {
		if p := s.placeOf(ctx, dir); p.Place != nil && p.err == nil && p.Args != nil && !p.Foreign {
			s.viewAt(p.Place, "")
		}
	}
	views := s.all()
	slices.SortFunc(views, func(a, b *view) int {
		return cmp.Or(cmp.Compare(a.place.Dir, b.place.Dir), cmp.Compare(a.file, b.file))
	})
	for _, v := range views {
		if err := v.wait(ctx); err != nil {
			return nil, jsonrpc.Errorf(jsonrpc.RequestFailed, "%v", err)
		}
	}
	return views, nil
}

// rewriteWorkspace works out the rewrites of all views and calls take with
// those of each.
func (s *server) rewriteWorkspace(ctx context.Context, grade safety.Grade, take func(*view, *rewriting) error) error {
	defer s.progress("Working out rewrites")()
	views, err := s.workspaceViews(ctx)
	if err != nil {
		return err
	}
	for _, v := range views {
		r, err := v.rewriteAll(ctx, grade)
		if err != nil {
			return err
		}
		if len(r.broken) > 0 {
			s.logf(protocol.MessageTypeWarning, "left out, as they do not compile: %s", strings.Join(r.broken, ", "))
		}
		v.step(func() { err = take(v, r) })
		if err != nil {
			return err
		}
	}
	return nil
}

// workspaceDiff is the command letgo.diff.
func (s *server) workspaceDiff(ctx context.Context, p *protocol.ExecuteCommandParams) (json.RawMessage, error) {
	args, err := parseWorkspaceArgs(p)
	if err != nil {
		return nil, err
	}
	var diff strings.Builder
	err = s.rewriteWorkspace(ctx, cmp.Or(args.Grade, safety.Review), func(v *view, r *rewriting) error {
		text, err := v.unified(r.changes)
		diff.Write(text)
		return err
	})
	if err != nil {
		return nil, err
	}
	switch {
	case diff.Len() == 0:
		s.showf(protocol.MessageTypeInfo, "there is nothing to rewrite")
	case s.client.showDocument:
		s.show("letgo.diff", diff.String())
	}
	return json.Marshal(diff.String())
}

// unified returns the diff of changes, with names relative to the view.
func (v *view) unified(changes []verify.Change) ([]byte, error) {
	var files []textedit.File
	for _, c := range changes {
		_, _, t, err := v.target(c.File)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(v.place.Dir, c.File.Name)
		if err != nil || !filepath.IsLocal(name) {
			continue // a go.mod above the workspace's directory
		}
		f := textedit.File{Path: filepath.ToSlash(name)}
		if t == nil {
			t = newText("")
		} else {
			f.Old = []byte(t.raw)
		}
		if f.New, err = t.edited(c.Edits); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return textedit.Unified(files, 3)
}

// edited returns the text with edits of its content carried out.
func (t *text) edited(edits []textedit.Edit) ([]byte, error) {
	raw := make([]textedit.Edit, len(edits))
	for i, e := range edits {
		raw[i] = textedit.Edit{Start: t.rawOffset(e.Start), End: t.rawOffset(e.End), New: t.newLines(e.New)}
	}
	return textedit.Apply([]byte(t.raw), raw)
}

// workspaceApply is the command letgo.apply. The client makes the changes: the
// user can undo them, and files that are open are not written.
func (s *server) workspaceApply(ctx context.Context, p *protocol.ExecuteCommandParams) (json.RawMessage, error) {
	args, err := parseWorkspaceArgs(p)
	if err != nil {
		return nil, err
	}
	all := &doubtful{name: "letgo", title: "Apply the rewrites of all packages", edit: &protocol.WorkspaceEdit{}}
	files := 0
	grade := cmp.Or(args.Grade, safety.Safe)
	err = s.rewriteWorkspace(ctx, grade, func(v *view, r *rewriting) error {
		all.questions = append(all.questions, r.doubts...)
		e, err := v.workspaceEdit(r.changes)
		if err != nil {
			return err
		}
		files += len(r.changes)
		addEdit(all.edit, e)
		diff, err := v.unified(r.changes)
		all.diff += string(diff)
		return err
	})
	if err != nil {
		return nil, err
	}
	if files == 0 {
		s.showf(protocol.MessageTypeInfo, "there is nothing to rewrite of grade %s", grade)
		return json.Marshal(0)
	}
	if len(all.questions) > 0 {
		before := s.allDocs()
		if yes, err := s.confirm(ctx, all); err != nil || !yes {
			return json.RawMessage("0"), err
		}
		if !maps.Equal(before, s.allDocs()) {
			return nil, errModified
		}
	}
	applied, err := s.apply(ctx, "Rewrites of letgo", all.edit)
	if err != nil {
		return nil, err
	}
	if !applied {
		files = 0
	}
	return json.Marshal(files)
}

// addEdit adds one workspace edit to another.
func addEdit(to, e *protocol.WorkspaceEdit) {
	to.DocumentChanges = append(to.DocumentChanges, e.DocumentChanges...)
	for u, edits := range e.Changes {
		if to.Changes == nil {
			to.Changes = e.Changes
		}
		to.Changes[u] = edits
	}
}
