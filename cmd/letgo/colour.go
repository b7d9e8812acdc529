package main

import (
	"bytes"
	"io"
	"os"
)

// A colour is a control sequence of terminals.
type colour string

const (
	bold  colour = "\x1b[1m"
	dim   colour = "\x1b[2m"
	red   colour = "\x1b[31m"
	green colour = "\x1b[32m"
	cyan  colour = "\x1b[36m"
	amber colour = "\x1b[33m"
	reset        = "\x1b[0m"
)

// colour reports whether to colour what is printed on w: on terminals, unless
// the environment variable NO_COLOR is set.
func (a *app) colour(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && isTerminal(w) }

// paint colours a text if on is set.
func paint(on bool, c colour, s string) string {
	if !on {
		return s
	}
	return string(c) + s + reset
}

// colourDiff colours the lines of a unified diff if on is set.
func colourDiff(diff []byte, on bool) []byte {
	if !on {
		return diff
	}
	var out bytes.Buffer
	for line := range bytes.Lines(diff) {
		text := string(bytes.TrimRight(line, "\r\n"))
		c := colour("")
		switch {
		case bytes.HasPrefix(line, []byte("--- ")), bytes.HasPrefix(line, []byte("+++ ")), bytes.HasPrefix(line, []byte("diff ")):
			c = bold
		case line[0] == '-':
			c = red
		case line[0] == '+':
			c = green
		case line[0] == '@':
			c = cyan
		}
		out.WriteString(paint(c != "", c, text))
		out.Write(line[len(text):])
	}
	return out.Bytes()
}
