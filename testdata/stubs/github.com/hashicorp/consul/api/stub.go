// Package api is a stub: the functions of v1.33.7 that blocking.txt names, and the
// types in their signatures.
package api

type Agent struct{}

func (*Agent) CheckDeregister(checkID string) error
func (*Agent) CheckRegister(check *AgentCheckRegistration) error
func (*Agent) Checks() (map[string]*AgentCheck, error)
func (*Agent) FailTTL(checkID string, note string) error
func (*Agent) Host() (map[string]interface{}, error)
func (*Agent) Join(addr string, wan bool) error
func (*Agent) Leave() error
func (*Agent) Members(wan bool) ([]*AgentMember, error)
func (*Agent) PassTTL(checkID string, note string) error
func (*Agent) Self() (map[string]map[string]interface{}, error)
func (*Agent) Service(serviceID string, q *QueryOptions) (*AgentService, *QueryMeta, error)
func (*Agent) ServiceDeregister(serviceID string) error
func (*Agent) ServiceRegister(service *AgentServiceRegistration) error
func (*Agent) Services() (map[string]*AgentService, error)
func (*Agent) UpdateTTL(checkID string, output string, status string) error
func (*Agent) WarnTTL(checkID string, note string) error

type AgentCheck struct{}

type AgentCheckRegistration struct{}

type AgentMember struct{}

type AgentService struct{}

type AgentServiceRegistration struct{}

type Catalog struct{}

func (*Catalog) Datacenters() ([]string, error)
func (*Catalog) Deregister(dereg *CatalogDeregistration, q *WriteOptions) (*WriteMeta, error)
func (*Catalog) Node(node string, q *QueryOptions) (*CatalogNode, *QueryMeta, error)
func (*Catalog) Nodes(q *QueryOptions) ([]*Node, *QueryMeta, error)
func (*Catalog) Register(reg *CatalogRegistration, q *WriteOptions) (*WriteMeta, error)
func (*Catalog) Service(service string, tag string, q *QueryOptions) ([]*CatalogService, *QueryMeta, error)
func (*Catalog) Services(q *QueryOptions) (map[string][]string, *QueryMeta, error)

type CatalogDeregistration struct{}

type CatalogNode struct{}

type CatalogRegistration struct{}

type CatalogService struct{}

type Event struct{}

func (*Event) Fire(params *UserEvent, q *WriteOptions) (string, *WriteMeta, error)

type Health struct{}

func (*Health) Checks(service string, q *QueryOptions) (HealthChecks, *QueryMeta, error)
func (*Health) Node(node string, q *QueryOptions) (HealthChecks, *QueryMeta, error)
func (*Health) Service(service string, tag string, passingOnly bool, q *QueryOptions) ([]*ServiceEntry, *QueryMeta, error)
func (*Health) State(state string, q *QueryOptions) (HealthChecks, *QueryMeta, error)

type HealthCheck struct{}

type HealthChecks []*HealthCheck

type KV struct{}

func (*KV) Acquire(p *KVPair, q *WriteOptions) (bool, *WriteMeta, error)
func (*KV) CAS(p *KVPair, q *WriteOptions) (bool, *WriteMeta, error)
func (*KV) Delete(key string, w *WriteOptions) (*WriteMeta, error)
func (*KV) DeleteCAS(p *KVPair, q *WriteOptions) (bool, *WriteMeta, error)
func (*KV) DeleteTree(prefix string, w *WriteOptions) (*WriteMeta, error)
func (*KV) Get(key string, q *QueryOptions) (*KVPair, *QueryMeta, error)
func (*KV) Keys(prefix string, separator string, q *QueryOptions) ([]string, *QueryMeta, error)
func (*KV) List(prefix string, q *QueryOptions) (KVPairs, *QueryMeta, error)
func (*KV) Put(p *KVPair, q *WriteOptions) (*WriteMeta, error)
func (*KV) Release(p *KVPair, q *WriteOptions) (bool, *WriteMeta, error)
func (*KV) Txn(txn KVTxnOps, q *QueryOptions) (bool, *KVTxnResponse, *QueryMeta, error)

type KVPair struct{}

type KVPairs []*KVPair

type KVTxnOp struct{}

type KVTxnOps []*KVTxnOp

type KVTxnResponse struct{}

type Lock struct{}

func (*Lock) Lock(stopCh <-chan struct{}) (<-chan struct{}, error)
func (*Lock) Unlock() error

type Node struct{}

type QueryMeta struct{}

type QueryOptions struct{}

type Semaphore struct{}

func (*Semaphore) Acquire(stopCh <-chan struct{}) (<-chan struct{}, error)
func (*Semaphore) Release() error

type ServiceEntry struct{}

type Session struct{}

func (*Session) Create(se *SessionEntry, q *WriteOptions) (string, *WriteMeta, error)
func (*Session) CreateNoChecks(se *SessionEntry, q *WriteOptions) (string, *WriteMeta, error)
func (*Session) Destroy(id string, q *WriteOptions) (*WriteMeta, error)
func (*Session) Info(id string, q *QueryOptions) (*SessionEntry, *QueryMeta, error)
func (*Session) List(q *QueryOptions) ([]*SessionEntry, *QueryMeta, error)
func (*Session) Node(node string, q *QueryOptions) ([]*SessionEntry, *QueryMeta, error)
func (*Session) Renew(id string, q *WriteOptions) (*SessionEntry, *WriteMeta, error)
func (*Session) RenewPeriodic(initialTTL string, id string, q *WriteOptions, doneCh <-chan struct{}) error

type SessionEntry struct{}

type Status struct{}

func (*Status) Leader() (string, error)
func (*Status) Peers() ([]string, error)

type Txn struct{}

func (*Txn) Txn(txn TxnOps, q *QueryOptions) (bool, *TxnResponse, *QueryMeta, error)

type TxnOp struct{}

type TxnOps []*TxnOp

type TxnResponse struct{}

type UserEvent struct{}

type WriteMeta struct{}

type WriteOptions struct{}
