package storage

import (
	"go/ast"
	"go/types"
)

// Function returns the function of a declaration.
func (m *Model) Function(d *ast.FuncDecl) *types.Func {
	fn, _ := m.info.Defs[d.Name].(*types.Func)
	return fn
}
