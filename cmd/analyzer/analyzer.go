// Package analyzer provides letgo as an analyzer of golang.org/x/tools/go/analysis,
// with its project file and its rewrites, for drivers such as Bazel's nogo.
//
// For nogo, name this package in the deps of the nogo target: its drivers need a
// variable called Analyzer.
package analyzer

import (
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// Analyzer has the findings of the command. Its suggested fixes are the rewrites that
// the command applies with -w: those with every condition proved.
var Analyzer = find.NewAnalyzer(find.Hooks{Setup: setup, Suggest: suggest})

// setup reads the project file of a package.
func setup(p *patterns.Package) (find.Setup, error) {
	var set config.Set
	set.Display = func(name string) string { return name }
	f, err := set.For(p.Dir, load.ModuleRoot(p.Dir))
	if err != nil {
		return find.Setup{}, err
	}
	for _, file := range p.Files {
		if f.Skips(file.Name) {
			file.Fixed = "left out by " + f.Name
		}
	}
	return find.Setup{Table: set.Table(blocking.DefaultTable()), Categories: f.Categories(), Skips: f.Skips}, nil
}

func suggest(x *patterns.Program, p *patterns.Package, categories []string) map[*finding.Finding]find.Suggestion {
	return rewrite.Suggest(x, p, rewrite.Limits{Shapes: shapes.All(), MinGrade: safety.Safe, Categories: categories})
}
