package patterns

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"
)

// Place names a position in a message about the file from, a file of the package: "line
// 12" in that file, and "dir/other.go:12" in another one, with the path relative to
// [Package.Root].
func (p *Package) Place(from string, at token.Position) string {
	if at.Filename == from {
		return fmt.Sprintf("line %d", at.Line)
	}
	name, err := filepath.Rel(p.Root(), at.Filename)
	if err != nil || !filepath.IsLocal(name) {
		name = at.Filename
	}
	return fmt.Sprintf("%s:%d", filepath.ToSlash(name), at.Line)
}

// Root is the directory of the module that the package belongs to, derived from its
// import path. For the standard library it is the source root, and for a package
// without a path (command-line-arguments) its own directory.
func (p *Package) Root() string {
	below := p.Path
	if p.Module != "" {
		below = strings.TrimPrefix(strings.TrimPrefix(p.Path, p.Module), "/")
	}
	if root, ok := strings.CutSuffix(filepath.ToSlash(p.Dir), "/"+below); ok && below != "" {
		return filepath.FromSlash(root)
	}
	return p.Dir
}
