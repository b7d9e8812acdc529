package find

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// fixedInPass says why a file that a driver has parsed must not be rewritten,
// or returns the empty string. Drivers give the text as it is on disk, so other
// line ends than LF are a reason here.
func fixedInPass(tree *ast.File, content []byte) string {
	switch {
	case len(content) != int(tree.FileEnd-tree.FileStart):
		return "changed since it was parsed"
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")) || bytes.Contains(content, []byte("\r")):
		return "line ends other than LF"
	case ast.IsGenerated(tree):
		return "generated"
	}
	for _, g := range tree.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//line ") || strings.HasPrefix(c.Text, "/*line ") {
				return "//line directives"
			}
		}
	}
	return ""
}

// importedBy resolves the imports of a package that is type-checked already to
// the packages that it has imported, directly or not.
type importedBy struct{ p *types.Package }

// Import implements [types.Importer].
func (im importedBy) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	for _, q := range im.p.Imports() {
		if q.Path() == path || strings.HasSuffix(q.Path(), "/vendor/"+path) {
			return q, nil
		}
	}
	return nil, fmt.Errorf("package %s does not import %s", im.p.Path(), path)
}
