package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// tableHead begins the table of a project file in the form that the documentation
// shows: a block of lines.
var tableHead = regexp.MustCompile(`^["']?table["']?:[ \t]*\|[-+]?[ \t]*(#.*)?\r?\n?$`)

// AddLine adds a line to the table of a project file and returns its new content. It
// keeps everything else. The file may be empty.
func AddLine(name string, content []byte, line string) ([]byte, error) {
	f, err := Parse(name, content)
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(string(content), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	} else {
		lines[last] += "\n"
	}
	at, indent := len(lines), "  "
	if i := headOf(lines); i >= 0 {
		at = i + 1
		for j := i + 1; j < len(lines) && (strings.TrimSpace(lines[j]) == "" || strings.ContainsAny(lines[j][:1], " \t")); j++ {
			if strings.TrimSpace(lines[j]) != "" {
				if at == i+1 {
					indent = lines[j][:len(lines[j])-len(strings.TrimLeft(lines[j], " \t"))]
				}
				at = j + 1
			}
		}
	} else if f.Table != nil {
		return nil, errors.New("its table is not a block that begins with \"table: |\"")
	} else {
		lines = append(lines, "table: |\n")
		at++
	}
	text := strings.Join(lines[:at], "") + indent + line + "\n" + strings.Join(lines[at:], "")
	if _, err := Parse(name, []byte(text)); err != nil {
		return nil, fmt.Errorf("with the line %q: %w", line, err)
	}
	return []byte(text), nil
}

func headOf(lines []string) int {
	for i, l := range lines {
		if tableHead.MatchString(l) {
			return i
		}
	}
	return -1
}

// ReadProject reads a project file.
func ReadProject(name string) ([]byte, error) { return ReadFile(name, maxProject) }
