// Package early ends the process of a vet tool before most of the program is
// initialised, if there is nothing to do.
//
// A cold go vet starts letgo once for each dependency of the repository, often
// more than a thousand times, and nearly all that such a process costs is the
// initialisation of packages that it does not use: here it is half. The language
// initialises packages in the order of their paths as far as their imports allow
// it, so this one, which imports little, comes before those of the language
// server, YAML and SARIF, and before most of the standard library.
package early

import (
	"os"

	"github.com/letgo-dev/letgo/patterns/load/vetunit"
)

func init() {
	if vetunit.Answer(os.Args[1:]) {
		os.Exit(0)
	}
}
