// Package process is a stub: the functions of v4.26.10 that blocking.txt names, and the
// types in their signatures.
package process

import (
	"context"
)

func NewProcess(pid int32) (*Process, error)
func NewProcessWithContext(ctx context.Context, pid int32) (*Process, error)
func PidExists(pid int32) (bool, error)
func PidExistsWithContext(ctx context.Context, pid int32) (bool, error)
func Pids() ([]int32, error)
func PidsWithContext(ctx context.Context) ([]int32, error)
func Processes() ([]*Process, error)
func ProcessesWithContext(ctx context.Context) ([]*Process, error)

type MemoryInfoStat struct{}

type Process struct{}

func (*Process) CPUPercent() (float64, error)
func (*Process) Children() ([]*Process, error)
func (*Process) Cmdline() (string, error)
func (*Process) CmdlineSlice() ([]string, error)
func (*Process) CreateTime() (int64, error)
func (*Process) Exe() (string, error)
func (*Process) MemoryInfo() (*MemoryInfoStat, error)
func (*Process) Name() (string, error)
func (*Process) NumFDs() (int32, error)
func (*Process) Status() ([]string, error)
