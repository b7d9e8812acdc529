// Package clientv3 is a stub: the functions of v3.7.3 that blocking.txt names, and the
// types in their signatures.
package clientv3

import (
	"context"
	"io"
)

func New(cfg Config) (*Client, error)
func NewFromURL(url string) (*Client, error)
func NewFromURLs(urls []string) (*Client, error)

type AlarmMember struct{}

type AlarmResponse struct{}

type Auth interface {
	AuthDisable(ctx context.Context) (*AuthDisableResponse, error)
	AuthEnable(ctx context.Context) (*AuthEnableResponse, error)
	Authenticate(ctx context.Context, name string, password string) (*AuthenticateResponse, error)
	RoleAdd(ctx context.Context, name string) (*AuthRoleAddResponse, error)
	RoleDelete(ctx context.Context, role string) (*AuthRoleDeleteResponse, error)
	UserAdd(ctx context.Context, name string, password string) (*AuthUserAddResponse, error)
	UserDelete(ctx context.Context, name string) (*AuthUserDeleteResponse, error)
}

type AuthDisableResponse struct{}

type AuthEnableResponse struct{}

type AuthRoleAddResponse struct{}

type AuthRoleDeleteResponse struct{}

type AuthUserAddResponse struct{}

type AuthUserDeleteResponse struct{}

type AuthenticateResponse struct{}

type Client struct{}

func (*Client) Close() error
func (*Client) Sync(ctx context.Context) error

type Cluster interface {
	MemberAdd(ctx context.Context, peerAddrs []string) (*MemberAddResponse, error)
	MemberAddAsLearner(ctx context.Context, peerAddrs []string) (*MemberAddResponse, error)
	MemberList(ctx context.Context, opts ...OpOption) (*MemberListResponse, error)
	MemberPromote(ctx context.Context, id uint64) (*MemberPromoteResponse, error)
	MemberRemove(ctx context.Context, id uint64) (*MemberRemoveResponse, error)
	MemberUpdate(ctx context.Context, id uint64, peerAddrs []string) (*MemberUpdateResponse, error)
}

type CompactOp struct{}

type CompactOption func(*CompactOp)

type CompactResponse struct{}

type Config struct{}

type DefragmentResponse struct{}

type DeleteResponse struct{}

type GetResponse struct{}

type HashKVResponse struct{}

type KV interface {
	Compact(ctx context.Context, rev int64, opts ...CompactOption) (*CompactResponse, error)
	Delete(ctx context.Context, key string, opts ...OpOption) (*DeleteResponse, error)
	Do(ctx context.Context, op Op) (OpResponse, error)
	Get(ctx context.Context, key string, opts ...OpOption) (*GetResponse, error)
	Put(ctx context.Context, key string, val string, opts ...OpOption) (*PutResponse, error)
	Txn(ctx context.Context) Txn
}

type Lease interface {
	Close() error
	Grant(ctx context.Context, ttl int64) (*LeaseGrantResponse, error)
	KeepAlive(ctx context.Context, id LeaseID) (<-chan *LeaseKeepAliveResponse, error)
	KeepAliveOnce(ctx context.Context, id LeaseID) (*LeaseKeepAliveResponse, error)
	Leases(ctx context.Context) (*LeaseLeasesResponse, error)
	Revoke(ctx context.Context, id LeaseID) (*LeaseRevokeResponse, error)
	TimeToLive(ctx context.Context, id LeaseID, opts ...LeaseOption) (*LeaseTimeToLiveResponse, error)
}

type LeaseGrantResponse struct{}

type LeaseID int64

type LeaseKeepAliveResponse struct{}

type LeaseLeasesResponse struct{}

type LeaseOp struct{}

type LeaseOption func(*LeaseOp)

type LeaseRevokeResponse struct{}

type LeaseTimeToLiveResponse struct{}

type Maintenance interface {
	AlarmDisarm(ctx context.Context, m *AlarmMember) (*AlarmResponse, error)
	AlarmList(ctx context.Context) (*AlarmResponse, error)
	Defragment(ctx context.Context, endpoint string) (*DefragmentResponse, error)
	HashKV(ctx context.Context, endpoint string, rev int64) (*HashKVResponse, error)
	MoveLeader(ctx context.Context, transfereeID uint64) (*MoveLeaderResponse, error)
	Snapshot(ctx context.Context) (io.ReadCloser, error)
	Status(ctx context.Context, endpoint string) (*StatusResponse, error)
}

type MemberAddResponse struct{}

type MemberListResponse struct{}

type MemberPromoteResponse struct{}

type MemberRemoveResponse struct{}

type MemberUpdateResponse struct{}

type MoveLeaderResponse struct{}

type Op struct{}

type OpOption func(*Op)

type OpResponse struct{}

type PutResponse struct{}

type StatusResponse struct{}

type Txn interface {
	Commit() (*TxnResponse, error)
}

type TxnResponse struct{}

type WatchChan <-chan WatchResponse

type WatchResponse struct{}

type Watcher interface {
	Close() error
	RequestProgress(ctx context.Context) error
	Watch(ctx context.Context, key string, opts ...OpOption) WatchChan
}
