// Package vetunit decides whether a vet tool has anything to do for a package that the go
// command passes to it. It has almost no imports, so that it can answer before the rest of
// the tool is initialized.
package vetunit

import (
	"encoding/json"
	"os"
	"strings"
)

// A Head has the fields of a unit's description that decide this. The field names match the
// JSON file that the go command writes.
type Head struct {
	ModulePath    string
	ModuleVersion string // "" for a main module and for the standard library
	VetxOnly      bool   // only facts are needed
	VetxOutput    string // file to write facts to
}

// Main reports whether the package belongs to a main module. All modules of a workspace are
// main modules.
func (h *Head) Main() bool { return h.ModulePath != "" && h.ModuleVersion == "" }

// Config returns the name of the file that describes the unit, if args ask a vet or fix tool
// to analyze one.
func Config(args []string) (name string, ok bool) {
	if len(args) == 0 || !strings.HasSuffix(args[len(args)-1], ".cfg") {
		return "", false
	}
	return args[len(args)-1], true
}

// Answer handles a package that was not named and is not in a main module. The table covers
// such a package, so Answer writes an empty file of facts. It reports whether that was all
// there is to do. On errors it returns false, so that the rest of the tool can report them.
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
