// Package unstructured is a stub: types of v0.37.2 that other stubs need.
package unstructured

type Unstructured struct{}

type UnstructuredList struct{}
