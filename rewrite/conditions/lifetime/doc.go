// Package lifetime asks whether what a window uses may end meanwhile: be closed, cancelled,
// given back or replaced.
package lifetime
