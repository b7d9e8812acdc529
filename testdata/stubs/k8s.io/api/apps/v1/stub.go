// Package v1 is a stub: types of v0.37.2 that other stubs need.
package v1

type DaemonSet struct{}

type DaemonSetList struct{}

type Deployment struct{}

type DeploymentList struct{}

type ReplicaSet struct{}

type ReplicaSetList struct{}

type StatefulSet struct{}

type StatefulSetList struct{}
