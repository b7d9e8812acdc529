// Package worker is a stub: the functions of v1.50.0 that blocking.txt names, and the
// types in their signatures.
package worker

type Worker interface {
	Run(interruptCh <-chan any) error
	Start() error
	Stop()
}
