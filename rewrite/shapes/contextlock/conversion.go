package contextlock

import (
	"github.com/letgo-dev/letgo/rewrite/move"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/tree"
)

// A conversion turns a mutex and all its uses in the package into a semaphore
// of weight one, whose waiters can give up.
type conversion struct {
	*site.Site
	uses    []lockUse
	makers  []maker
	scripts []tree.Script
	outside []plan.OutsideEdit
	imports []plan.Import
	proof   move.Window // records obligations only
	asked   []string
}
