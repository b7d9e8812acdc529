// Package interceptor is a stub: types of v0.1.51 that other stubs need.
package interceptor

type Attributes map[any]any
