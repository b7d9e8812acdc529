// Package aws is a stub: types of v1.55.8 that other stubs need.
package aws

import (
	"context"
)

type Context = context.Context
