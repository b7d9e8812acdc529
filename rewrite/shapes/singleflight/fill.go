package singleflight

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/letgo-dev/letgo/rewrite/extract"
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/site"
)

// A fill is a section that looks a value up and, on a miss, fetches it, stores
// it and returns it: the form of a cache.
//
//	lookup            e := c.entries[key]
//	Hit               if e.fresh() { return e, nil }
//	Miss[:At]         e, err := fetch(key) ...
//	Miss[At:]         c.entries[key] = e; return e, nil
type fill struct {
	*move.Window
	Cache *types.Var // what is looked up, and stored on a miss
	Key   ast.Expr   // the index into Cache; nil where that holds one value

	Lookup []ast.Stmt // the statements before Hit
	Hit    *ast.IfStmt
	// Nested: the body of Hit is not what happens on a hit but the miss:
	// `if e == nil { e, err = fetch() ... }; return e, nil`.
	Nested bool
	Miss   []ast.Stmt // up to the end of the function
	At     int        // index in Miss of the first statement that needs the lock again

	// Checked: the function has made the same test before it took the lock.
	Checked bool

	results fillResults
	look    lookup
}

// A lookup is how to look up with the lock held only for the reads:
//
//	s.mu.Lock()
//	reads, inits, values
//	s.mu.Unlock()
//	tests
type lookup struct {
	reads  []ast.Stmt
	inits  []ast.Stmt           // init statements of tests that become reads
	values []extract.Extraction // guarded values that the tests use
	tests  []ast.Stmt           // the last one is the test for a hit
}

// fillResults says how the result of a flight becomes what the function returns.
//
// A flight gives one value to every caller. Where all returns of the function
// make their value by the same call, as in `return clone(e), nil`, that call
// is left to each caller, so that each still gets a value of its own.
type fillResults struct {
	value, err bool       // the function returns a value, an error
	typ        string     // the type of the flight's value, as the file spells it
	wraps      []ast.Expr // calls that each caller makes with it, outermost first
	zero       string     // the value that is returned with an error; "" if there is no such return
	loose      bool       // the flight's value may be nil, or come with an error
}

// A store is one change of guarded state on a miss.
type store struct {
	t    *site.Touch
	kind move.Update
	key  ast.Expr // of an element that is set or deleted
}

// A textChange replaces a node of the source in a copy of its text.
type textChange struct {
	node ast.Node
	text string
}

// leading stands for the empty place before a node.
type leading struct{ ast.Node }

// End ends the node before the operand that is left out.
func (l leading) End() token.Pos { return l.Pos() }
