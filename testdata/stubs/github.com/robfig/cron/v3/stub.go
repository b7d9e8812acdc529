// Package cron is a stub: the functions of v3.0.1 that blocking.txt names, and the
// types in their signatures.
package cron

import (
	"context"
)

type Cron struct{}

func (*Cron) AddFunc(spec string, cmd func()) (EntryID, error)
func (*Cron) Run()
func (*Cron) Stop() context.Context

type EntryID int
