package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// addToTable adds a line to the table of the project file: "letgo table NAME CATEGORY
// [EFFECT [SAFETY [WHY...]]]".
func (a *command) addToTable() int {
	args := a.Opts.Args
	if len(args) < 2 {
		return a.Fail("table needs a function and the kind of its wait: letgo table NAME CATEGORY [EFFECT [SAFETY [WHY]]] (see letgo help config)")
	}
	effect, safety, why := "wait", "unknown", "waits"
	if args[1] == "never" {
		effect, safety, why = "-", "unknown", "does not wait"
	}
	for i, into := range []*string{&effect, &safety} {
		if len(args) > i+2 {
			*into = args[i+2]
		}
	}
	if len(args) > 4 {
		why = strings.Join(args[4:], " ")
	}
	name, old, err := a.projectFile()
	if err != nil {
		return a.Fail("%v", err)
	}
	line := strings.Join([]string{args[0], args[1], effect, safety, why}, " ")
	text, err := config.AddLine(a.Rel(name), old, line)
	if err != nil {
		return a.Fail("adding to %s: %v", a.Rel(name), err)
	}
	if old == nil {
		err = textedit.Create(name, text)
	} else {
		err = textedit.Replace(name, old, text)
	}
	if err != nil {
		return a.Fail("writing %s: %v", a.Rel(name), outcome.PlainError(err))
	}
	fmt.Fprintf(a.Stderr, "%s: added: %s\n", a.Rel(name), line)
	return app.ExitNone
}

// projectFile returns the name and the content of the project file of the working
// directory. If there is none, it is to be made at the root of the module.
func (a *command) projectFile() (name string, content []byte, err error) {
	root := load.ModuleRoot(a.Dir)
	if a.Opts.Config != "" {
		name = outcome.Abs(a.App, a.Opts.Config)
	} else if name, err = config.Find(a.Dir, root); err != nil {
		return "", nil, fmt.Errorf("looking for the project file: %w", err)
	}
	if name == "" {
		return filepath.Join(cmp.Or(root, a.Dir), config.Name), nil, nil
	}
	content, err = config.ReadProject(name)
	if os.IsNotExist(err) {
		return name, nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("reading the project file %s: %w", a.Rel(name), outcome.PlainError(err))
	}
	return name, content, nil
}
