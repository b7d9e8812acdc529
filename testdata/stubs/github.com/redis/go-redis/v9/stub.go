// Package redis is a stub: the functions of v9.23.0 that blocking.txt names, and the
// types in their signatures.
package redis

import (
	"context"
	"time"
)

type BitCount struct{}

type BitMapCmdable interface {
	BitCount(ctx context.Context, key string, bitCount *BitCount) *IntCmd
	GetBit(ctx context.Context, key string, offset int64) *IntCmd
	SetBit(ctx context.Context, key string, offset int64, value int) *IntCmd
}

type BoolCmd struct{}

type ChannelOption func(c *channel)

type Client struct{}

func (*Client) PSubscribe(ctx context.Context, channels ...string) *PubSub
func (*Client) Pipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error)
func (*Client) Process(ctx context.Context, cmd Cmder) error
func (*Client) Subscribe(ctx context.Context, channels ...string) *PubSub
func (*Client) TxPipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error)
func (*Client) Watch(ctx context.Context, fn func(*Tx) error, keys ...string) error

type ClusterClient struct{}

func (*ClusterClient) Close() error
func (*ClusterClient) ForEachMaster(ctx context.Context, fn func(ctx context.Context, client *Client) error) error
func (*ClusterClient) ForEachShard(ctx context.Context, fn func(ctx context.Context, client *Client) error) error
func (*ClusterClient) PSubscribe(ctx context.Context, channels ...string) *PubSub
func (*ClusterClient) Pipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error)
func (*ClusterClient) Process(ctx context.Context, cmd Cmder) error
func (*ClusterClient) Subscribe(ctx context.Context, channels ...string) *PubSub
func (*ClusterClient) TxPipelined(ctx context.Context, fn func(Pipeliner) error) ([]Cmder, error)
func (*ClusterClient) Watch(ctx context.Context, fn func(*Tx) error, keys ...string) error

type Cmd struct{}

type Cmdable interface {
	ConfigSet(ctx context.Context, parameter string, value string) *StatusCmd
	DBSize(ctx context.Context) *IntCmd
	FlushAll(ctx context.Context) *StatusCmd
	FlushDB(ctx context.Context) *StatusCmd
	Info(ctx context.Context, section ...string) *StringCmd
	Ping(ctx context.Context) *StatusCmd
	Time(ctx context.Context) *TimeCmd
	Unlink(ctx context.Context, keys ...string) *IntCmd
}

type Cmder interface{}

type Conn struct{}

func (*Conn) Process(ctx context.Context, cmd Cmder) error

type DurationCmd struct{}

type FloatCmd struct{}

type GenericCmdable interface {
	Copy(ctx context.Context, sourceKey string, destKey string, db int, replace bool) *IntCmd
	Del(ctx context.Context, keys ...string) *IntCmd
	Exists(ctx context.Context, keys ...string) *IntCmd
	Expire(ctx context.Context, key string, expiration time.Duration) *BoolCmd
	ExpireAt(ctx context.Context, key string, tm time.Time) *BoolCmd
	Keys(ctx context.Context, pattern string) *StringSliceCmd
	PTTL(ctx context.Context, key string) *DurationCmd
	Persist(ctx context.Context, key string) *BoolCmd
	RandomKey(ctx context.Context) *StringCmd
	Rename(ctx context.Context, key string, newkey string) *StatusCmd
	Scan(ctx context.Context, cursor uint64, match string, count int64) *ScanCmd
	TTL(ctx context.Context, key string) *DurationCmd
	Type(ctx context.Context, key string) *StatusCmd
}

type GeoCmdable interface {
	GeoAdd(ctx context.Context, key string, geoLocation ...*GeoLocation) *IntCmd
}

type GeoLocation struct{}

type HashCmdable interface {
	HDel(ctx context.Context, key string, fields ...string) *IntCmd
	HExists(ctx context.Context, key string, field string) *BoolCmd
	HGet(ctx context.Context, key string, field string) *StringCmd
	HGetAll(ctx context.Context, key string) *MapStringStringCmd
	HIncrBy(ctx context.Context, key string, field string, incr int64) *IntCmd
	HKeys(ctx context.Context, key string) *StringSliceCmd
	HLen(ctx context.Context, key string) *IntCmd
	HMGet(ctx context.Context, key string, fields ...string) *SliceCmd
	HMSet(ctx context.Context, key string, values ...interface{}) *BoolCmd
	HScan(ctx context.Context, key string, cursor uint64, match string, count int64) *ScanCmd
	HSet(ctx context.Context, key string, values ...interface{}) *IntCmd
	HSetNX(ctx context.Context, key string, field string, value interface{}) *BoolCmd
	HVals(ctx context.Context, key string) *StringSliceCmd
}

type HyperLogLogCmdable interface {
	PFAdd(ctx context.Context, key string, els ...interface{}) *IntCmd
	PFCount(ctx context.Context, keys ...string) *IntCmd
}

type IntCmd struct{}

type ListCmdable interface {
	BLMove(ctx context.Context, source string, destination string, srcpos string, destpos string, timeout time.Duration) *StringCmd
	BLPop(ctx context.Context, timeout time.Duration, keys ...string) *StringSliceCmd
	BRPop(ctx context.Context, timeout time.Duration, keys ...string) *StringSliceCmd
	BRPopLPush(ctx context.Context, source string, destination string, timeout time.Duration) *StringCmd
	LIndex(ctx context.Context, key string, index int64) *StringCmd
	LLen(ctx context.Context, key string) *IntCmd
	LMove(ctx context.Context, source string, destination string, srcpos string, destpos string) *StringCmd
	LPop(ctx context.Context, key string) *StringCmd
	LPush(ctx context.Context, key string, values ...interface{}) *IntCmd
	LRange(ctx context.Context, key string, start int64, stop int64) *StringSliceCmd
	LRem(ctx context.Context, key string, count int64, value interface{}) *IntCmd
	LSet(ctx context.Context, key string, index int64, value interface{}) *StatusCmd
	LTrim(ctx context.Context, key string, start int64, stop int64) *StatusCmd
	RPop(ctx context.Context, key string) *StringCmd
	RPush(ctx context.Context, key string, values ...interface{}) *IntCmd
}

type MapStringStringCmd struct{}

type Message struct{}

type Pipeline struct{}

func (*Pipeline) Do(ctx context.Context, args ...interface{}) *Cmd
func (*Pipeline) Exec(ctx context.Context) ([]Cmder, error)
func (*Pipeline) Process(ctx context.Context, cmd Cmder) error

type Pipeliner interface {
	Do(ctx context.Context, args ...interface{}) *Cmd
	Exec(ctx context.Context) ([]Cmder, error)
	Process(ctx context.Context, cmd Cmder) error
}

type PubSub struct{}

func (*PubSub) Channel(opts ...ChannelOption) <-chan *Message
func (*PubSub) PSubscribe(ctx context.Context, patterns ...string) error
func (*PubSub) PUnsubscribe(ctx context.Context, patterns ...string) error
func (*PubSub) Ping(ctx context.Context, payload ...string) error
func (*PubSub) Receive(ctx context.Context) (interface{}, error)
func (*PubSub) ReceiveMessage(ctx context.Context) (*Message, error)
func (*PubSub) ReceiveTimeout(ctx context.Context, timeout time.Duration) (interface{}, error)
func (*PubSub) Subscribe(ctx context.Context, channels ...string) error
func (*PubSub) Unsubscribe(ctx context.Context, channels ...string) error

type PubSubCmdable interface {
	Publish(ctx context.Context, channel string, message interface{}) *IntCmd
}

type Ring struct{}

func (*Ring) Close() error
func (*Ring) Process(ctx context.Context, cmd Cmder) error
func (*Ring) Watch(ctx context.Context, fn func(*Tx) error, keys ...string) error

type ScanCmd struct{}

type ScanIterator struct{}

func (*ScanIterator) Next(ctx context.Context) bool

type Script struct{}

func (*Script) Eval(ctx context.Context, c Scripter, keys []string, args ...interface{}) *Cmd
func (*Script) EvalSha(ctx context.Context, c Scripter, keys []string, args ...interface{}) *Cmd
func (*Script) Run(ctx context.Context, c Scripter, keys []string, args ...interface{}) *Cmd

type Scripter interface{}

type ScriptingFunctionsCmdable interface {
	Eval(ctx context.Context, script string, keys []string, args ...interface{}) *Cmd
	EvalSha(ctx context.Context, sha1 string, keys []string, args ...interface{}) *Cmd
	ScriptLoad(ctx context.Context, script string) *StringCmd
}

type SetCmdable interface {
	SAdd(ctx context.Context, key string, members ...interface{}) *IntCmd
	SCard(ctx context.Context, key string) *IntCmd
	SDiff(ctx context.Context, keys ...string) *StringSliceCmd
	SInter(ctx context.Context, keys ...string) *StringSliceCmd
	SIsMember(ctx context.Context, key string, member interface{}) *BoolCmd
	SMembers(ctx context.Context, key string) *StringSliceCmd
	SMove(ctx context.Context, source string, destination string, member interface{}) *BoolCmd
	SPop(ctx context.Context, key string) *StringCmd
	SRandMember(ctx context.Context, key string) *StringCmd
	SRem(ctx context.Context, key string, members ...interface{}) *IntCmd
	SScan(ctx context.Context, key string, cursor uint64, match string, count int64) *ScanCmd
	SUnion(ctx context.Context, keys ...string) *StringSliceCmd
}

type SliceCmd struct{}

type SortedSetCmdable interface {
	BZPopMax(ctx context.Context, timeout time.Duration, keys ...string) *ZWithKeyCmd
	BZPopMin(ctx context.Context, timeout time.Duration, keys ...string) *ZWithKeyCmd
	ZAdd(ctx context.Context, key string, members ...Z) *IntCmd
	ZCard(ctx context.Context, key string) *IntCmd
	ZCount(ctx context.Context, key string, min string, max string) *IntCmd
	ZIncrBy(ctx context.Context, key string, increment float64, member string) *FloatCmd
	ZPopMax(ctx context.Context, key string, count ...int64) *ZSliceCmd
	ZPopMin(ctx context.Context, key string, count ...int64) *ZSliceCmd
	ZRange(ctx context.Context, key string, start int64, stop int64) *StringSliceCmd
	ZRangeByScore(ctx context.Context, key string, opt *ZRangeBy) *StringSliceCmd
	ZRangeWithScores(ctx context.Context, key string, start int64, stop int64) *ZSliceCmd
	ZRank(ctx context.Context, key string, member string) *IntCmd
	ZRem(ctx context.Context, key string, members ...interface{}) *IntCmd
	ZRemRangeByRank(ctx context.Context, key string, start int64, stop int64) *IntCmd
	ZRemRangeByScore(ctx context.Context, key string, min string, max string) *IntCmd
	ZRevRange(ctx context.Context, key string, start int64, stop int64) *StringSliceCmd
	ZRevRangeWithScores(ctx context.Context, key string, start int64, stop int64) *ZSliceCmd
	ZScan(ctx context.Context, key string, cursor uint64, match string, count int64) *ScanCmd
	ZScore(ctx context.Context, key string, member string) *FloatCmd
}

type StatusCmd struct{}

type StreamCmdable interface {
	XAck(ctx context.Context, stream string, group string, ids ...string) *IntCmd
	XAdd(ctx context.Context, a *XAddArgs) *StringCmd
	XDel(ctx context.Context, stream string, ids ...string) *IntCmd
	XGroupCreate(ctx context.Context, stream string, group string, start string) *StatusCmd
	XLen(ctx context.Context, stream string) *IntCmd
	XPending(ctx context.Context, stream string, group string) *XPendingCmd
	XRange(ctx context.Context, stream string, start string, stop string) *XMessageSliceCmd
	XRead(ctx context.Context, a *XReadArgs) *XStreamSliceCmd
	XReadGroup(ctx context.Context, a *XReadGroupArgs) *XStreamSliceCmd
	XTrimMaxLen(ctx context.Context, key string, maxLen int64) *IntCmd
}

type StringCmd struct{}

type StringCmdable interface {
	Append(ctx context.Context, key string, value string) *IntCmd
	Decr(ctx context.Context, key string) *IntCmd
	DecrBy(ctx context.Context, key string, decrement int64) *IntCmd
	Get(ctx context.Context, key string) *StringCmd
	GetDel(ctx context.Context, key string) *StringCmd
	GetEx(ctx context.Context, key string, expiration time.Duration) *StringCmd
	GetRange(ctx context.Context, key string, start int64, end int64) *StringCmd
	GetSet(ctx context.Context, key string, value interface{}) *StringCmd
	Incr(ctx context.Context, key string) *IntCmd
	IncrBy(ctx context.Context, key string, value int64) *IntCmd
	IncrByFloat(ctx context.Context, key string, value float64) *FloatCmd
	MGet(ctx context.Context, keys ...string) *SliceCmd
	MSet(ctx context.Context, values ...interface{}) *StatusCmd
	Set(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd
	SetEx(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd
	SetNX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd
	SetXX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd
	StrLen(ctx context.Context, key string) *IntCmd
}

type StringSliceCmd struct{}

type TimeCmd struct{}

type Tx struct{}

func (*Tx) Close(ctx context.Context) error
func (*Tx) Process(ctx context.Context, cmd Cmder) error

type UniversalClient interface {
	Close() error
	Do(ctx context.Context, args ...interface{}) *Cmd
	PSubscribe(ctx context.Context, channels ...string) *PubSub
	Process(ctx context.Context, cmd Cmder) error
	Subscribe(ctx context.Context, channels ...string) *PubSub
	Watch(ctx context.Context, fn func(*Tx) error, keys ...string) error
}

type XAddArgs struct{}

type XMessageSliceCmd struct{}

type XPendingCmd struct{}

type XReadArgs struct{}

type XReadGroupArgs struct{}

type XStreamSliceCmd struct{}

type Z struct{}

type ZRangeBy struct{}

type ZSliceCmd struct{}

type ZWithKeyCmd struct{}

type baseClient struct{}

func (*baseClient) Close() error

type channel struct{}

type cmdable func(ctx context.Context, cmd Cmder) error

func (cmdable) Append(ctx context.Context, key string, value string) *IntCmd
func (cmdable) BLMove(ctx context.Context, source string, destination string, srcpos string, destpos string, timeout time.Duration) *StringCmd
func (cmdable) BLPop(ctx context.Context, timeout time.Duration, keys ...string) *StringSliceCmd
func (cmdable) BRPop(ctx context.Context, timeout time.Duration, keys ...string) *StringSliceCmd
func (cmdable) BRPopLPush(ctx context.Context, source string, destination string, timeout time.Duration) *StringCmd
func (cmdable) BZPopMax(ctx context.Context, timeout time.Duration, keys ...string) *ZWithKeyCmd
func (cmdable) BZPopMin(ctx context.Context, timeout time.Duration, keys ...string) *ZWithKeyCmd
func (cmdable) BitCount(ctx context.Context, key string, bitCount *BitCount) *IntCmd
func (cmdable) ConfigSet(ctx context.Context, parameter string, value string) *StatusCmd
func (cmdable) Copy(ctx context.Context, sourceKey string, destKey string, db int, replace bool) *IntCmd
func (cmdable) DBSize(ctx context.Context) *IntCmd
func (cmdable) Decr(ctx context.Context, key string) *IntCmd
func (cmdable) DecrBy(ctx context.Context, key string, decrement int64) *IntCmd
func (cmdable) Del(ctx context.Context, keys ...string) *IntCmd
func (cmdable) Eval(ctx context.Context, script string, keys []string, args ...interface{}) *Cmd
func (cmdable) EvalSha(ctx context.Context, sha1 string, keys []string, args ...interface{}) *Cmd
func (cmdable) Exists(ctx context.Context, keys ...string) *IntCmd
func (cmdable) Expire(ctx context.Context, key string, expiration time.Duration) *BoolCmd
func (cmdable) ExpireAt(ctx context.Context, key string, tm time.Time) *BoolCmd
func (cmdable) FlushAll(ctx context.Context) *StatusCmd
func (cmdable) FlushDB(ctx context.Context) *StatusCmd
func (cmdable) GeoAdd(ctx context.Context, key string, geoLocation ...*GeoLocation) *IntCmd
func (cmdable) Get(ctx context.Context, key string) *StringCmd
func (cmdable) GetBit(ctx context.Context, key string, offset int64) *IntCmd
func (cmdable) GetDel(ctx context.Context, key string) *StringCmd
func (cmdable) GetEx(ctx context.Context, key string, expiration time.Duration) *StringCmd
func (cmdable) GetRange(ctx context.Context, key string, start int64, end int64) *StringCmd
func (cmdable) GetSet(ctx context.Context, key string, value interface{}) *StringCmd
func (cmdable) HDel(ctx context.Context, key string, fields ...string) *IntCmd
func (cmdable) HExists(ctx context.Context, key string, field string) *BoolCmd
func (cmdable) HGet(ctx context.Context, key string, field string) *StringCmd
func (cmdable) HGetAll(ctx context.Context, key string) *MapStringStringCmd
func (cmdable) HIncrBy(ctx context.Context, key string, field string, incr int64) *IntCmd
func (cmdable) HKeys(ctx context.Context, key string) *StringSliceCmd
func (cmdable) HLen(ctx context.Context, key string) *IntCmd
func (cmdable) HMGet(ctx context.Context, key string, fields ...string) *SliceCmd
func (cmdable) HMSet(ctx context.Context, key string, values ...interface{}) *BoolCmd
func (cmdable) HScan(ctx context.Context, key string, cursor uint64, match string, count int64) *ScanCmd
func (cmdable) HSet(ctx context.Context, key string, values ...interface{}) *IntCmd
func (cmdable) HSetNX(ctx context.Context, key string, field string, value interface{}) *BoolCmd
func (cmdable) HVals(ctx context.Context, key string) *StringSliceCmd
func (cmdable) Incr(ctx context.Context, key string) *IntCmd
func (cmdable) IncrBy(ctx context.Context, key string, value int64) *IntCmd
func (cmdable) IncrByFloat(ctx context.Context, key string, value float64) *FloatCmd
func (cmdable) Info(ctx context.Context, sections ...string) *StringCmd
func (cmdable) Keys(ctx context.Context, pattern string) *StringSliceCmd
func (cmdable) LIndex(ctx context.Context, key string, index int64) *StringCmd
func (cmdable) LLen(ctx context.Context, key string) *IntCmd
func (cmdable) LMove(ctx context.Context, source string, destination string, srcpos string, destpos string) *StringCmd
func (cmdable) LPop(ctx context.Context, key string) *StringCmd
func (cmdable) LPush(ctx context.Context, key string, values ...interface{}) *IntCmd
func (cmdable) LRange(ctx context.Context, key string, start int64, stop int64) *StringSliceCmd
func (cmdable) LRem(ctx context.Context, key string, count int64, value interface{}) *IntCmd
func (cmdable) LSet(ctx context.Context, key string, index int64, value interface{}) *StatusCmd
func (cmdable) LTrim(ctx context.Context, key string, start int64, stop int64) *StatusCmd
func (cmdable) MGet(ctx context.Context, keys ...string) *SliceCmd
func (cmdable) MSet(ctx context.Context, values ...interface{}) *StatusCmd
func (cmdable) PFAdd(ctx context.Context, key string, els ...interface{}) *IntCmd
func (cmdable) PFCount(ctx context.Context, keys ...string) *IntCmd
func (cmdable) PTTL(ctx context.Context, key string) *DurationCmd
func (cmdable) Persist(ctx context.Context, key string) *BoolCmd
func (cmdable) Ping(ctx context.Context) *StatusCmd
func (cmdable) Publish(ctx context.Context, channel string, message interface{}) *IntCmd
func (cmdable) RPop(ctx context.Context, key string) *StringCmd
func (cmdable) RPush(ctx context.Context, key string, values ...interface{}) *IntCmd
func (cmdable) RandomKey(ctx context.Context) *StringCmd
func (cmdable) Rename(ctx context.Context, key string, newkey string) *StatusCmd
func (cmdable) SAdd(ctx context.Context, key string, members ...interface{}) *IntCmd
func (cmdable) SCard(ctx context.Context, key string) *IntCmd
func (cmdable) SDiff(ctx context.Context, keys ...string) *StringSliceCmd
func (cmdable) SInter(ctx context.Context, keys ...string) *StringSliceCmd
func (cmdable) SIsMember(ctx context.Context, key string, member interface{}) *BoolCmd
func (cmdable) SMembers(ctx context.Context, key string) *StringSliceCmd
func (cmdable) SMove(ctx context.Context, source string, destination string, member interface{}) *BoolCmd
func (cmdable) SPop(ctx context.Context, key string) *StringCmd
func (cmdable) SRandMember(ctx context.Context, key string) *StringCmd
func (cmdable) SRem(ctx context.Context, key string, members ...interface{}) *IntCmd
func (cmdable) SScan(ctx context.Context, key string, cursor uint64, match string, count int64) *ScanCmd
func (cmdable) SUnion(ctx context.Context, keys ...string) *StringSliceCmd
func (cmdable) Scan(ctx context.Context, cursor uint64, match string, count int64) *ScanCmd
func (cmdable) ScriptLoad(ctx context.Context, script string) *StringCmd
func (cmdable) Set(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd
func (cmdable) SetBit(ctx context.Context, key string, offset int64, value int) *IntCmd
func (cmdable) SetEx(ctx context.Context, key string, value interface{}, expiration time.Duration) *StatusCmd
func (cmdable) SetNX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd
func (cmdable) SetXX(ctx context.Context, key string, value interface{}, expiration time.Duration) *BoolCmd
func (cmdable) StrLen(ctx context.Context, key string) *IntCmd
func (cmdable) TTL(ctx context.Context, key string) *DurationCmd
func (cmdable) Time(ctx context.Context) *TimeCmd
func (cmdable) Type(ctx context.Context, key string) *StatusCmd
func (cmdable) Unlink(ctx context.Context, keys ...string) *IntCmd
func (cmdable) XAck(ctx context.Context, stream string, group string, ids ...string) *IntCmd
func (cmdable) XAdd(ctx context.Context, a *XAddArgs) *StringCmd
func (cmdable) XDel(ctx context.Context, stream string, ids ...string) *IntCmd
func (cmdable) XGroupCreate(ctx context.Context, stream string, group string, start string) *StatusCmd
func (cmdable) XLen(ctx context.Context, stream string) *IntCmd
func (cmdable) XPending(ctx context.Context, stream string, group string) *XPendingCmd
func (cmdable) XRange(ctx context.Context, stream string, start string, stop string) *XMessageSliceCmd
func (cmdable) XRead(ctx context.Context, a *XReadArgs) *XStreamSliceCmd
func (cmdable) XReadGroup(ctx context.Context, a *XReadGroupArgs) *XStreamSliceCmd
func (cmdable) XTrimMaxLen(ctx context.Context, key string, maxLen int64) *IntCmd
func (cmdable) ZAdd(ctx context.Context, key string, members ...Z) *IntCmd
func (cmdable) ZCard(ctx context.Context, key string) *IntCmd
func (cmdable) ZCount(ctx context.Context, key string, min string, max string) *IntCmd
func (cmdable) ZIncrBy(ctx context.Context, key string, increment float64, member string) *FloatCmd
func (cmdable) ZPopMax(ctx context.Context, key string, count ...int64) *ZSliceCmd
func (cmdable) ZPopMin(ctx context.Context, key string, count ...int64) *ZSliceCmd
func (cmdable) ZRange(ctx context.Context, key string, start int64, stop int64) *StringSliceCmd
func (cmdable) ZRangeByScore(ctx context.Context, key string, opt *ZRangeBy) *StringSliceCmd
func (cmdable) ZRangeWithScores(ctx context.Context, key string, start int64, stop int64) *ZSliceCmd
func (cmdable) ZRank(ctx context.Context, key string, member string) *IntCmd
func (cmdable) ZRem(ctx context.Context, key string, members ...interface{}) *IntCmd
func (cmdable) ZRemRangeByRank(ctx context.Context, key string, start int64, stop int64) *IntCmd
func (cmdable) ZRemRangeByScore(ctx context.Context, key string, min string, max string) *IntCmd
func (cmdable) ZRevRange(ctx context.Context, key string, start int64, stop int64) *StringSliceCmd
func (cmdable) ZRevRangeWithScores(ctx context.Context, key string, start int64, stop int64) *ZSliceCmd
func (cmdable) ZScan(ctx context.Context, key string, cursor uint64, match string, count int64) *ScanCmd
func (cmdable) ZScore(ctx context.Context, key string, member string) *FloatCmd
