// Package leaderelection is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package leaderelection

import (
	"context"
)

func RunOrDie(ctx context.Context, lec LeaderElectionConfig)

type LeaderElectionConfig struct{}

type LeaderElector struct{}

func (*LeaderElector) Run(ctx context.Context)
