// Command single is letgo's analyzer under singlechecker, as somebody would build
// it who wants no more than that.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/letgo-dev/letgo/cmd/analyzer"
)

func main() { singlechecker.Main(analyzer.Analyzer) }
