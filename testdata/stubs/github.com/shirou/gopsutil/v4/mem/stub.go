// Package mem is a stub: the functions of v4.26.10 that blocking.txt names, and the
// types in their signatures.
package mem

import (
	"context"
)

func SwapMemory() (*SwapMemoryStat, error)
func SwapMemoryWithContext(ctx context.Context) (*SwapMemoryStat, error)
func VirtualMemory() (*VirtualMemoryStat, error)
func VirtualMemoryWithContext(ctx context.Context) (*VirtualMemoryStat, error)

type SwapMemoryStat struct{}

type VirtualMemoryStat struct{}
