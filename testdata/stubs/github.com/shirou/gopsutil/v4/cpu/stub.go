// Package cpu is a stub: the functions of v4.26.10 that blocking.txt names, and the
// types in their signatures.
package cpu

import (
	"context"
	"time"
)

func Counts(logical bool) (int, error)
func CountsWithContext(ctx context.Context, logical bool) (int, error)
func Info() ([]InfoStat, error)
func InfoWithContext(ctx context.Context) ([]InfoStat, error)
func Percent(interval time.Duration, percpu bool) ([]float64, error)
func PercentWithContext(ctx context.Context, interval time.Duration, percpu bool) ([]float64, error)
func Times(percpu bool) ([]TimesStat, error)
func TimesWithContext(ctx context.Context, percpu bool) ([]TimesStat, error)

type InfoStat struct{}

type TimesStat struct{}
