// Package memcache is a stub: the functions of v0.0.0-20260422231931-4d751bb6e37c that blocking.txt names, and the
// types in their signatures.
package memcache

type Client struct{}

func (*Client) Add(item *Item) error
func (*Client) Append(item *Item) error
func (*Client) CompareAndSwap(item *Item) error
func (*Client) Decrement(key string, delta uint64) (newValue uint64, err error)
func (*Client) Delete(key string) error
func (*Client) DeleteAll() error
func (*Client) FlushAll() error
func (*Client) Get(key string) (item *Item, err error)
func (*Client) GetAndTouch(key string, expiration int32) (item *Item, err error)
func (*Client) GetMulti(keys []string) (map[string]*Item, error)
func (*Client) Increment(key string, delta uint64) (newValue uint64, err error)
func (*Client) Ping() error
func (*Client) Prepend(item *Item) error
func (*Client) Replace(item *Item) error
func (*Client) Set(item *Item) error
func (*Client) Touch(key string, seconds int32) (err error)

type Item struct{}
