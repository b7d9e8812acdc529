//go:build !unix

package trial

import "os/exec"

func ownGroup(cmd *exec.Cmd) {}

func endGroup(cmd *exec.Cmd) {}
