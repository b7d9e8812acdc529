// Package disk is a stub: the functions of v4.26.10 that blocking.txt names, and the
// types in their signatures.
package disk

import (
	"context"
)

func IOCounters(names ...string) (map[string]IOCountersStat, error)
func IOCountersWithContext(ctx context.Context, names ...string) (map[string]IOCountersStat, error)
func Partitions(all bool) ([]PartitionStat, error)
func PartitionsWithContext(ctx context.Context, all bool) ([]PartitionStat, error)
func Usage(path string) (*UsageStat, error)
func UsageWithContext(_ context.Context, path string) (*UsageStat, error)

type IOCountersStat struct{}

type PartitionStat struct{}

type UsageStat struct{}
