package verify

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A region is a part of a file that can be checked on its own: some declarations on lines of
// their own.
type region struct {
	start, end int
	head       string // prefix that turns it into a file
}

// declRegion returns the region of the declarations between start and end.
func declRegion(text []byte, start, end int) region {
	start = bytes.LastIndexByte(text[:start], '\n') + 1
	return region{start, lineEnd(text, end), "package p\n\n"}
}

// importRegion returns the region with the package clause and the imports.
func importRegion(fset *token.FileSet, f *patterns.File) region {
	tok := fset.File(f.Syntax.FileStart)
	end := f.Syntax.Name.End()
	for _, d := range f.Syntax.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.IMPORT {
			end = d.End()
		}
	}
	return region{0, lineEnd(f.Content, tok.Offset(end)), ""}
}

// lineEnd returns the offset after the end of the line around an offset, including its newline.
func lineEnd(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// texts returns a region as a file, before and after the edits. If an edit is only partly in the
// region, ok is false.
func (r region) texts(text []byte, edits []textedit.Edit) (before, after []byte, ok bool) {
	var own []textedit.Edit
	for _, e := range edits {
		switch {
		case r.start <= e.Start && e.End <= r.end && (e.Start < r.end || e.Start == e.End):
			own = append(own, textedit.Edit{Start: e.Start - r.start, End: e.End - r.start, New: e.New})
		case e.Start < r.end && r.start < e.End:
			return nil, nil, false
		}
	}
	changed, err := textedit.Apply(text[r.start:r.end], own)
	if err != nil {
		return nil, nil, false
	}
	return slices.Concat([]byte(r.head), text[r.start:r.end]), slices.Concat([]byte(r.head), changed), true
}

// checkText checks the text of a changed file: no comment may be lost, and it must be formatted
// if it was before. If possible, it checks only the regions with edits.
func (o *census) checkText(c Change, regions []region) string {
	for _, r := range regions {
		before, after, ok := r.texts(c.File.Content, c.Edits)
		if !ok || !isFormatted(before) {
			return o.checkFile(c)
		}
		if why := checkTexts(before, after); why != "" {
			return why
		}
	}
	for _, e := range c.Edits {
		if !slices.ContainsFunc(regions, func(r region) bool { return r.start <= e.Start && e.End <= r.end }) {
			return o.checkFile(c)
		}
	}
	return ""
}

// checkTexts compares two versions of a Go file, the first of which is formatted.
func checkTexts(before, after []byte) string {
	if why := lostComment(before, after); why != "" {
		return why
	}
	if !isFormatted(after) {
		return "the result is not formatted as gofmt does"
	}
	return ""
}

// checkFile is checkText for the whole file.
func (o *census) checkFile(c Change) string {
	after := c.Content()
	if o.formatted(c.File) {
		return checkTexts(c.File.Content, after)
	}
	return lostComment(c.File.Content, after)
}

// lostComment describes a comment in the first text that is missing from the second one, or
// returns "".
func lostComment(before, after []byte) string {
	was, err1 := commentsOf(before)
	is, err2 := commentsOf(after)
	if err1 != nil || err2 != nil {
		return "the result does not parse"
	}
	if lost := tree.LostComments(was, is); len(lost) > 0 {
		return fmt.Sprintf("the comment %q would be lost", lost[0])
	}
	return ""
}

func commentsOf(text []byte) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return tree.CommentsOf(f, f.FileStart, f.FileEnd), nil
}

func isFormatted(text []byte) bool {
	out, err := format.Source(text)
	return err == nil && bytes.Equal(out, text)
}
