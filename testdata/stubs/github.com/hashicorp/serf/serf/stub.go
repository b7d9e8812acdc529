// Package serf is a stub: the functions of v0.11.0 that blocking.txt names, and the
// types in their signatures.
package serf

func Create(conf *Config) (*Serf, error)

type Config struct{}

type QueryParam struct{}

type QueryResponse struct{}

type Serf struct{}

func (*Serf) Join(existing []string, ignoreOld bool) (int, error)
func (*Serf) Leave() error
func (*Serf) Query(name string, payload []byte, params *QueryParam) (*QueryResponse, error)
func (*Serf) RemoveFailedNode(node string) error
func (*Serf) SetTags(tags map[string]string) error
func (*Serf) Shutdown() error
func (*Serf) UserEvent(name string, payload []byte, coalesce bool) error
