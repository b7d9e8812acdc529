package app

import (
	"bytes"
	"io"
	"os"
)

// A Colour is a control sequence of terminals.
type Colour string

const (
	Bold  Colour = "\x1b[1m"
	Dim   Colour = "\x1b[2m"
	Red   Colour = "\x1b[31m"
	Green Colour = "\x1b[32m"
	Cyan  Colour = "\x1b[36m"
	Amber Colour = "\x1b[33m"
	Reset        = "\x1b[0m"
)

// Colour reports whether to colour what is printed on w: on terminals, unless
// the environment variable NO_COLOR is set.
func (a *App) Colour(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && IsTerminal(w) }

// Paint colours a text if on is set.
func Paint(on bool, c Colour, s string) string {
	if !on {
		return s
	}
	return string(c) + s + Reset
}

// ColourDiff colours the lines of a unified diff if on is set.
func ColourDiff(diff []byte, on bool) []byte {
	if !on {
		return diff
	}
	var out bytes.Buffer
	for line := range bytes.Lines(diff) {
		text := string(bytes.TrimRight(line, "\r\n"))
		c := Colour("")
		switch {
		case bytes.HasPrefix(line, []byte("--- ")), bytes.HasPrefix(line, []byte("+++ ")), bytes.HasPrefix(line, []byte("diff ")):
			c = Bold
		case line[0] == '-':
			c = Red
		case line[0] == '+':
			c = Green
		case line[0] == '@':
			c = Cyan
		}
		out.WriteString(Paint(c != "", c, text))
		out.Write(line[len(text):])
	}
	return out.Bytes()
}
