// Package tree carries out edit scripts on decorated syntax: syntax in which
// comments and empty lines hang on the nodes they belong to, so that they go
// where the code goes.
//
// A [Script] names nodes of a parsed file and what to do with them. An
// [Editor] carries it out on a fresh decorated copy of the file, prints the
// copy as gofmt does, and gives back the difference as text edits to that one
// declaration. The parsed file itself is never modified, so it can be shared,
// and its type information stays true.
//
// # Where comments live, and what follows
//
// The library github.com/dave/dst keeps a comment in the decorations of the
// node next to it. Measured over the standard library with dst v0.28, this is
// exact as long as nothing is edited, and these places make edits go wrong:
//
//   - Everything between the last statement of a block and its closing brace
//     hangs on the end of that statement, together with its own trailing
//     comment; in a case, both hang on the end of the case.
//   - A comment detached by an empty line from the statement below it hangs on
//     the start of that statement.
//   - Comments on the lines directly below a statement and before an empty line
//     hang on the end of that statement.
//   - A trailing comment of a labelled statement hangs on the label.
//
// So before an edit every statement list is opened (see [edit.open]): the
// comments at the end of the block get an element of their own, a label is an
// element of its own before its statement, and an empty line is a property of
// the gap before an element. Comments below a statement get an element of their
// own when that statement is edited. Afterwards the list is closed again. In between a
// statement can be removed, moved or put anywhere without anything else coming
// along. A removed statement leaves a mark, which holds its comments until the
// list is closed.
//
// # What is checked
//
// A declaration is edited only if the library gives it back unchanged: its
// text must come back as it was, or as gofmt of it. Afterwards the text that
// was printed must parse to the tree that was meant, no comment of the
// declaration may be missing, and nothing outside of it is touched: only its
// bytes are taken from the printed file. Any failure is an error and yields no
// edits.
package tree
