// Package tree applies edit scripts to decorated syntax trees. In a decorated
// tree, comments and blank lines are attached to nodes, so they move with the
// code.
//
// A [Script] names nodes of a parsed file and what to do with them. An
// [Editor] applies it to a fresh decorated copy of the declaration, prints the
// copy as gofmt would, and returns the difference as text edits. The parsed
// file itself is never modified, so it can be shared and its type information
// stays valid.
//
// # Where comments live
//
// The library github.com/dave/dst keeps a comment in the decorations of a
// neighboring node. Tested on the standard library with dst v0.28, it
// round-trips unedited code exactly. But where it attaches some comments makes
// edits go wrong:
//
//   - Everything between the last statement of a block and the closing brace is
//     attached to the end of that statement, together with the statement's
//     trailing comment. In a case, both are attached to the end of the case.
//   - A comment separated from the statement below it by a blank line is
//     attached to the start of that statement.
//   - Comments directly below a statement and followed by a blank line are
//     attached to the end of that statement.
//   - A trailing comment of a labeled statement is attached to the label.
//
// So before an edit, every statement list is opened (see [edit.open]). In an
// open list, the comments at the end of the block are an element of their own,
// a label is an element before its statement, and a blank line is a property of
// the gap before an element. Comments below a statement become a separate
// element when that statement is edited. While a list is open, a statement can
// be moved or removed without dragging anything else along. A removed statement
// leaves a mark that holds its comments. After the edit the list is closed
// again.
//
// # Checks
//
// A declaration is edited only if it survives a round trip through the library
// unchanged, or changed only as gofmt would change it. After an edit, the
// printed text must parse to the intended tree and contain every comment of the
// declaration. Only the bytes of the declaration are taken from the printed
// file, so nothing outside it changes. If any check fails, the result is an
// error and no edits.
package tree
