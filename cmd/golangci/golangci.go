// Package golangci is letgo as a module plugin of golangci-lint v2. "letgo help
// drivers" says how to build and use it.
package golangci

import (
	"fmt"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/letgo-dev/letgo/cmd/analyzer"
)

func init() { register.Plugin("letgo", New) }

// settings are those of the plugin in .golangci.yml.
type settings struct {
	All   bool `json:"all"`   // also sections that look held on purpose
	Tests bool `json:"tests"` // also test files
}

// plugin is letgo as golangci-lint sees it.
type plugin struct{ settings settings }

// New makes the plugin with its settings.
func New(raw any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[settings](raw)
	if err != nil {
		return nil, fmt.Errorf("settings of letgo: %w", err)
	}
	return &plugin{s}, nil
}

// BuildAnalyzers implements [register.LinterPlugin]. golangci-lint makes a separate
// issue of every related position, which stays when the fix is applied, so related
// positions are left out.
func (p *plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	a := *analyzer.Analyzer
	for name, on := range map[string]bool{"deliberate": p.settings.All, "tests": p.settings.Tests} {
		if err := a.Flags.Set(name, fmt.Sprint(on)); err != nil {
			return nil, err
		}
	}
	run := a.Run
	a.Run = func(pass *analysis.Pass) (any, error) {
		bare := *pass
		bare.Report = func(d analysis.Diagnostic) {
			d.Related = nil
			pass.Report(d)
		}
		return run(&bare)
	}
	return []*analysis.Analyzer{&a}, nil
}

// GetLoadMode implements [register.LinterPlugin].
func (p *plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
