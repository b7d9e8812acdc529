package ownership

import (
	"cmp"
	"go/ast"
	"slices"
)

// nodes are the nodes of a function's body in source order, each with its parent.
type nodes struct {
	decl   *ast.FuncDecl
	list   []ast.Node
	parent []int32 // the index of the parent, -1 for the body itself
}

// bytesPerNode is roughly how much source makes one node, with comments and blanks.
const bytesPerNode = 8

func nodesOf(d *ast.FuncDecl) nodes {
	guess := int(d.Body.End()-d.Body.Pos()) / bytesPerNode
	ns := nodes{decl: d, list: make([]ast.Node, 0, guess), parent: make([]int32, 0, guess)}
	around := append(make([]int32, 0, 32), -1)
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n.(type) {
		case nil:
			around = around[:len(around)-1]
			return true
		case *ast.Comment, *ast.CommentGroup:
			return false
		}
		ns.list, ns.parent = append(ns.list, n), append(ns.parent, around[len(around)-1])
		around = append(around, int32(len(ns.list)-1))
		return true
	})
	return ns
}

// around returns the parent of a node, nil for one that is not in the body.
func (ns *nodes) around(n ast.Node) ast.Node {
	if n == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(ns.list, n, func(m, n ast.Node) int { return cmp.Compare(m.Pos(), n.Pos()) })
	for ; i < len(ns.list) && ns.list[i].Pos() == n.Pos(); i++ {
		if ns.list[i] != n {
			continue
		}
		if p := ns.parent[i]; p >= 0 {
			return ns.list[p]
		}
		return ns.decl
	}
	return nil
}
