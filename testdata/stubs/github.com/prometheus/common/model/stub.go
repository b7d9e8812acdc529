// Package model is a stub: types of v0.72.0 that other stubs need.
package model

type LabelName string

type LabelNames []LabelName

type LabelSet map[LabelName]LabelValue

type LabelValue string

type LabelValues []LabelValue

type Value interface{}
