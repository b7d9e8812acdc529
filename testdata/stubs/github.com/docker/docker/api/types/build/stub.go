// Package build is a stub: types of v28.5.2+incompatible that other stubs need.
package build

type ImageBuildOptions struct{}

type ImageBuildResponse struct{}
