// Package vetunit decides whether there is anything to do for a package that the go
// command passes to a vet tool. It imports next to nothing, so that it can answer
// before the rest of the tool is initialized.
package vetunit

import (
	"encoding/json"
	"os"
	"strings"
)

// A Head has the fields that decide it, from the description of a unit. The names of
// the fields are those of the file that the go command writes.
type Head struct {
	ModulePath    string
	ModuleVersion string // "" for a main module and for the standard library
	VetxOnly      bool   // only facts are asked for
	VetxOutput    string // file to write them to
}

// Main reports whether the package belongs to a main module, or to another module of
// its workspace.
func (h *Head) Main() bool { return h.ModulePath != "" && h.ModuleVersion == "" }

// Config returns the name of the file that describes the unit, if args are those of a
// vet or fix tool that is to analyse one.
func Config(args []string) (name string, ok bool) {
	if len(args) == 0 || !strings.HasSuffix(args[len(args)-1], ".cfg") {
		return "", false
	}
	return args[len(args)-1], true
}

// Answer answers for a package that nobody named and that belongs to no main module:
// the table covers it, so its facts are an empty file. It reports whether that was all
// there is to do. It leaves errors to the rest of the tool, which can report them.
func Answer(args []string) bool {
	name, ok := Config(args)
	if !ok {
		return false
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	var h Head
	if err := json.Unmarshal(text, &h); err != nil || !h.VetxOnly || h.Main() {
		return false
	}
	return h.VetxOutput == "" || os.WriteFile(h.VetxOutput, nil, 0o666) == nil
}
