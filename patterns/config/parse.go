package config

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/patterns/blocking"
	"go.yaml.in/yaml/v4"
)

// keys are what a project file may say, in the order of its documentation.
var keys = []string{"table", "categories", "skip"}

// Parse parses a project file. The name is used in messages only. The error is
// an [*Error] that lists all mistakes.
func Parse(name string, content []byte) (*File, error) {
	p := &parser{file: &File{Name: name, categories: make(map[string]bool)}, lines: strings.Split(string(content), "\n")}
	if root := p.load(content); root != nil {
		p.parseRoot(root)
	}
	if len(p.mistakes) > 0 {
		return nil, &Error{p.mistakes}
	}
	return p.file, nil
}

// A parser holds what is known of one file.
type parser struct {
	file     *File
	lines    []string
	mistakes []string
}

func (p *parser) mistake(line, column int, format string, args ...any) {
	at := fmt.Sprintf("%s:%d:%d: ", p.file.Name, max(line, 1), max(column, 1))
	p.mistakes = append(p.mistakes, at+fmt.Sprintf(format, args...))
}

func (p *parser) at(n *yaml.Node, format string, args ...any) {
	p.mistake(n.Line, n.Column, format, args...)
}

// load parses the YAML and returns the top node, or nil if there is none.
func (p *parser) load(content []byte) *yaml.Node {
	for i, l := range p.lines {
		if !utf8.ValidString(l) {
			p.mistake(i+1, 1, "this line is not valid UTF-8")
			return nil
		}
	}
	loader, err := yaml.NewLoader(strings.NewReader(string(content)))
	if err != nil {
		p.mistake(1, 1, "%v", err)
		return nil
	}
	var doc, second yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		p.yamlError(err)
		return nil
	case len(doc.Content) == 0:
		return nil
	}
	switch err := loader.Load(&second); {
	case err == nil:
		p.at(&second, "a second document begins here: a project file has only one")
		return nil
	case !errors.Is(err, io.EOF):
		p.yamlError(err)
		return nil
	}
	return doc.Content[0]
}

// yamlError records an error of the YAML parser.
func (p *parser) yamlError(err error) {
	bad, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		p.mistake(1, 1, "%v", err)
		return
	}
	msg := "not valid YAML: " + bad.Message
	if bad.ContextMsg != "" {
		msg += " (" + bad.ContextMsg + ")"
	}
	p.mistake(bad.Mark.Line, bad.Mark.Column, "%s", msg)
}

// parseRoot parses the top of the file: a mapping of the keys.
func (p *parser) parseRoot(n *yaml.Node) {
	if n.Tag == "!!null" {
		return
	}
	p.mapping(n, keys, func(key, value *yaml.Node) {
		switch {
		case value.Tag == "!!null": // a key with nothing behind it
		case key.Value == "table":
			p.parseTable(value)
		case key.Value == "categories":
			p.parseCategories(value)
		case key.Value == "skip":
			p.parseSkip(value)
		}
	})
}

// mapping visits the entries of a mapping. Only the keys named may be there,
// each once.
func (p *parser) mapping(n *yaml.Node, allowed []string, visit func(key, value *yaml.Node)) {
	if n = follow(n); n.Kind != yaml.MappingNode {
		p.at(n, "want a mapping with the keys %s", strings.Join(allowed, ", "))
		return
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := follow(n.Content[i]), follow(n.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode || !slices.Contains(allowed, key.Value):
			p.at(n.Content[i], "unknown key %q: the keys are %s", key.Value, strings.Join(allowed, ", "))
		case seen[key.Value] > 0:
			p.at(n.Content[i], "%s appears twice: it is already on line %d", key.Value, seen[key.Value])
		default:
			seen[key.Value] = n.Content[i].Line
			visit(key, value)
		}
	}
}

// follow returns what an alias stands for, and any other node itself.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// parseTable parses lines of the table. They stand in a literal block, so that
// every line of the value is one of the file and its mistakes have a place.
func (p *parser) parseTable(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Style&yaml.LiteralStyle == 0 {
		p.at(n, "want the lines of the table as a literal block: put them, indented, below \"table: |\"")
		return
	}
	values := strings.Split(strings.TrimRight(n.Value, "\n"), "\n")
	first := n.Line // index of the line below the "|"
	indent := 0
	for i, v := range values {
		if at := first + i; v != "" && at < len(p.lines) {
			indent = len(strings.TrimSuffix(p.lines[at], "\r")) - len(v)
			break
		}
	}
	var text strings.Builder
	text.WriteString(strings.Repeat("\n", first))
	for _, v := range values {
		text.WriteString(strings.Repeat(" ", max(indent, 0)) + v + "\n")
	}
	table, err := blocking.ParseTable(p.file.Name, strings.NewReader(text.String()))
	if err != nil {
		p.mistakes = append(p.mistakes, strings.Split(err.Error(), "\n")...)
		return
	}
	p.file.Table, p.file.tableLines = table, make(map[string]int)
	for i, v := range values {
		if fields := strings.Fields(v); len(fields) > 0 {
			p.file.tableLines[fields[0]] = first + i + 1
		}
	}
}

// parseCategories parses which categories are on.
func (p *parser) parseCategories(n *yaml.Node) {
	var names []string
	for _, c := range blocking.Categories() {
		names = append(names, c.Name)
	}
	p.mapping(n, names, func(key, value *yaml.Node) {
		switch strings.ToLower(value.Value) {
		case "on", "true":
			p.file.categories[key.Value] = true
		case "off", "false":
			p.file.categories[key.Value] = false
		default:
			p.at(value, "%s is %q: want on or off", key.Value, value.Value)
		}
	})
}

// parseSkip parses the list of paths to leave alone.
func (p *parser) parseSkip(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		p.at(n, "want a list of paths")
		return
	}
	for _, item := range n.Content {
		item = follow(item)
		if item.Kind != yaml.ScalarNode {
			p.at(item, "want a path")
			continue
		}
		pat, wrong := parsePattern(item.Value)
		if wrong != "" {
			p.at(item, "%s", wrong)
			continue
		}
		p.file.skip = append(p.file.skip, skipLine{pat, item.Value, item.Line, item.Column})
	}
}
