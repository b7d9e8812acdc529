package app

import (
	"io"
)

// An Output is standard output. It remembers the first error.
type Output struct {
	io.Writer
	Err error
}

func (o *Output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if o.Err == nil {
		o.Err = err
	}
	return n, err
}
