package tree

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"
)

// CommentsOf returns the text of the comments of file that begin in [from,to),
// in source order. It collapses white space in a comment to single spaces,
// because gofmt reindents block comments.
func CommentsOf(file *ast.File, from, to token.Pos) []string {
	var out []string
	for _, g := range file.Comments {
		for _, c := range g.List {
			if from <= c.Slash && c.Slash < to {
				out = append(out, commentKey(c.Text))
			}
		}
	}
	return out
}

// LostComments returns the elements of before that are not in after, in order.
// Duplicates count: a comment that was there twice must still be there twice.
func LostComments(before, after []string) []string {
	have := count(after)
	var lost []string
	for _, c := range before {
		if have[c] > 0 {
			have[c]--
			continue
		}
		lost = append(lost, c)
	}
	return lost
}

func count(list []string) map[string]int {
	n := make(map[string]int)
	for _, s := range list {
		n[s]++
	}
	return n
}

// commentKey returns text with white space collapsed, so that a comment can be
// recognized after printing.
func commentKey(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

func isComment(dec string) bool     { return strings.HasPrefix(dec, "/") }
func isLineComment(dec string) bool { return strings.HasPrefix(dec, "//") }

// hasComment reports whether decs contains a comment, not only line ends.
func hasComment(decs dst.Decorations) bool {
	return slices.ContainsFunc(decs, isComment)
}

// commentsIn returns the comments in the decorations of n and its descendants,
// in tree order, which is not quite source order.
func commentsIn(n dst.Node) []string {
	var out []string
	dst.Inspect(n, func(n dst.Node) bool {
		if n == nil {
			return false
		}
		_, _, points := dstutil.Decorations(n)
		for _, p := range points {
			for _, d := range p.Decs {
				if isComment(d) {
					out = append(out, d)
				}
			}
		}
		return true
	})
	return out
}

// asLines returns comments as decorations above a statement, each on its own
// line. A line comment implies its line end; others need an explicit one.
func asLines(comments ...string) dst.Decorations {
	var out dst.Decorations
	for _, c := range comments {
		out = append(out, c)
		if !isLineComment(c) {
			out = append(out, "\n")
		}
	}
	return out
}

// splitEnd splits the decorations at the end of a statement into those on its
// last line and those on the lines below, and returns the gap between the two.
// In such decorations a newline directly after a line comment, or a second
// newline, is a blank line.
func splitEnd(end dst.Decorations) (line, below dst.Decorations, gap dst.SpaceType) {
	i := 0
	for i < len(end) && end[i] != "\n" {
		i++
		if isLineComment(end[i-1]) {
			break
		}
	}
	line, rest := end[:i:i], end[i:]
	if i > 0 && isLineComment(end[i-1]) {
		gap = dst.NewLine
	}
	for len(rest) > 0 && rest[0] == "\n" {
		gap = min(gap+1, dst.EmptyLine)
		rest = rest[1:]
	}
	for len(rest) > 0 && rest[len(rest)-1] == "\n" {
		rest = rest[:len(rest)-1]
	}
	if len(rest) == 0 {
		return line, nil, dst.None
	}
	return line, slices.Clone(rest), gap
}

// joinEnd is the inverse of [splitEnd].
func joinEnd(line, below dst.Decorations, gap dst.SpaceType) dst.Decorations {
	if len(below) == 0 {
		return line
	}
	n := int(max(gap, dst.NewLine))
	if len(line) > 0 && isLineComment(line[len(line)-1]) {
		n--
	}
	out := slices.Clone(line)
	for range n {
		out = append(out, "\n")
	}
	return append(out, below...)
}

// splitStart splits the decorations above a statement into those separated from
// it by a blank line and those directly above it.
func splitStart(start dst.Decorations) (detached, attached dst.Decorations) {
	cut := 0
	for i := 1; i < len(start); i++ {
		if start[i] == "\n" && (start[i-1] == "\n" || isLineComment(start[i-1])) {
			cut = i + 1
		}
	}
	return slices.Clone(start[:cut]), slices.Clone(start[cut:])
}
