// Package v1 is a stub: the functions of v1.25.0 that blocking.txt names, and the
// types in their signatures.
package v1

import (
	"context"
	"time"

	"github.com/prometheus/common/model"
)

type API interface {
	AlertManagers(ctx context.Context) (AlertManagersResult, error)
	Alerts(ctx context.Context) (AlertsResult, error)
	CleanTombstones(ctx context.Context) error
	Config(ctx context.Context) (ConfigResult, error)
	DeleteSeries(ctx context.Context, matches []string, startTime time.Time, endTime time.Time) error
	LabelNames(ctx context.Context, matches []string, startTime time.Time, endTime time.Time, opts ...Option) (model.LabelNames, Warnings, Infos, error)
	LabelValues(ctx context.Context, label string, matches []string, startTime time.Time, endTime time.Time, opts ...Option) (model.LabelValues, Warnings, Infos, error)
	Metadata(ctx context.Context, metric string, limit string) (map[string][]Metadata, error)
	Query(ctx context.Context, query string, ts time.Time, opts ...Option) (model.Value, Warnings, Infos, error)
	QueryExemplars(ctx context.Context, query string, startTime time.Time, endTime time.Time) ([]ExemplarQueryResult, error)
	QueryRange(ctx context.Context, query string, r Range, opts ...Option) (model.Value, Warnings, Infos, error)
	Rules(ctx context.Context, matches []string) (RulesResult, error)
	Series(ctx context.Context, matches []string, startTime time.Time, endTime time.Time, opts ...Option) ([]model.LabelSet, Warnings, Infos, error)
	Snapshot(ctx context.Context, skipHead bool) (SnapshotResult, error)
	Targets(ctx context.Context) (TargetsResult, error)
}

type AlertManagersResult struct{}

type AlertsResult struct{}

type ConfigResult struct{}

type ExemplarQueryResult struct{}

type Infos []string

type Metadata struct{}

type Option func(c *apiOptions)

type Range struct{}

type RulesResult struct{}

type SnapshotResult struct{}

type TargetsResult struct{}

type Warnings []string

type apiOptions struct{}
