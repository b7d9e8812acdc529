package tree

import (
	"fmt"
	"go/token"
)

// An UnsupportedError says that a declaration, or a construct in it, can't be
// edited safely. It is not the script's fault.
type UnsupportedError struct {
	Pos    token.Position
	Reason string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s: cannot edit: %s", e.Pos, e.Reason)
}

// An OpError says that an operation can't be applied because the script is
// wrong: it names a statement that is not where the operation needs it, or its
// code doesn't parse.
type OpError struct {
	Index  int    // of the operation in the script
	Op     string // the operation, printed
	Reason string
}

func (e *OpError) Error() string {
	return fmt.Sprintf("operation %d (%s): %s", e.Index+1, e.Op, e.Reason)
}

// A CommentError says that a comment of the declaration would be lost.
type CommentError struct {
	Pos     token.Position // of the declaration
	Comment string
}

func (e *CommentError) Error() string {
	return fmt.Sprintf("%s: the edit would lose the comment %q", e.Pos, e.Comment)
}
