package trial

import (
	"errors"
	"slices"
	"strings"
)

// A command is one that runs tests.
type command struct {
	text string // as the user wrote it

	// Of one that the go command carries out without a shell.
	env      []string // what stands before it, as in "GORACE=x go test"
	verb     string   // "test", "vet" or "build"; "" for any other command
	flags    []string // of go test, with their values
	packages []string
	rest     []string // -args and what follows
}

// parseCommand takes a command apart.
func parseCommand(text string) (*command, error) {
	c := &command{text: text}
	words, simple := split(text)
	if len(words) == 0 {
		return nil, errors.New("-try: the command is empty")
	}
	for simple && len(words) > 0 && isAssignment(words[0]) {
		c.env, words = append(c.env, words[0]), words[1:]
	}
	if !simple || len(words) < 2 || words[0] != "go" || !slices.Contains([]string{"test", "vet", "build"}, words[1]) {
		return c, nil
	}
	c.verb = words[1]
	c.arguments(words[2:])
	for _, f := range c.flags {
		if name := strings.TrimLeft(f, "-"); name == "overlay" || strings.HasPrefix(name, "overlay=") {
			return nil, errors.New("-try: the command has an -overlay of its own; letgo needs that flag")
		}
	}
	return c, nil
}

// arguments tells the flags of the go command from packages.
func (c *command) arguments(words []string) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		name := strings.TrimLeft(w, "-")
		switch {
		case !strings.HasPrefix(w, "-"):
			c.packages = append(c.packages, w)
		case name == "args":
			c.rest = words[i:]
			return
		default:
			c.flags = append(c.flags, w)
			if slices.Contains(withValue, name) && i+1 < len(words) {
				i++
				c.flags = append(c.flags, words[i])
			}
		}
	}
}

// has reports whether a flag of go test is set.
func (c *command) has(name string) bool {
	return slices.ContainsFunc(c.flags, func(f string) bool {
		f = strings.TrimPrefix(strings.TrimLeft(f, "-"), "test.")
		return strings.HasPrefix(f, name) && (f == name || f[len(name)] == '=')
	})
}

// withValue are the flags of go test, vet and build that take the next word if there
// is no = in them.
var withValue = strings.Fields(`
	C asmflags bench benchtime blockprofile blockprofilerate buildmode compiler count covermode coverpkg
	coverprofile cpu cpuprofile exec fuzz fuzzminimizetime fuzztime gccgoflags gcflags installsuffix ldflags
	list memprofile memprofilerate mod modfile mutexprofile mutexprofilefraction o outputdir overlay p parallel
	pgo pkgdir run shuffle skip tags timeout toolexec trace vet vettool`)

func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

// split takes a command apart into words, as a shell does. It is not simple if a
// shell is needed for it.
func split(text string) (words []string, simple bool) {
	var word strings.Builder
	quote, inWord, simple := rune(0), false, true
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == '\'' || quote == '"' && !strings.ContainsRune("$`\\", r):
			word.WriteRune(r)
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inWord = r, true
		case quote == 0 && strings.ContainsRune(" \t\n", r):
			simple = simple && r != '\n'
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			simple = simple && !strings.ContainsRune("|&;<>()$`\\*?[]{}#~!", r)
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, simple && quote == 0
}
