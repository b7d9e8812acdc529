// Package cache is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package cache

import (
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

func WaitForCacheSync(stopCh <-chan struct{}, cacheSyncs ...InformerSynced) bool
func WaitForNamedCacheSync(controllerName string, stopCh <-chan struct{}, cacheSyncs ...InformerSynced) bool

type Controller interface {
	Run(stopCh <-chan struct{})
}

type DeltaFIFO struct{}

func (*DeltaFIFO) Pop(process PopProcessFunc) (interface{}, error)

type FIFO struct{}

func (*FIFO) Pop(process PopProcessFunc) (interface{}, error)

type GenericLister interface {
	Get(name string) (runtime.Object, error)
	List(selector labels.Selector) (ret []runtime.Object, err error)
}

type GenericNamespaceLister interface {
	Get(name string) (runtime.Object, error)
	List(selector labels.Selector) (ret []runtime.Object, err error)
}

type Heap struct{}

func (*Heap) Pop() (interface{}, error)

type InformerSynced func() bool

type PopProcessFunc func(obj interface{}, isInInitialList bool) error

type Queue interface {
	Pop(PopProcessFunc) (interface{}, error)
}

type Reflector struct{}

func (*Reflector) ListAndWatch(stopCh <-chan struct{}) error
func (*Reflector) Run(stopCh <-chan struct{})

type SharedInformer interface {
	Run(stopCh <-chan struct{})
}

type Store interface {
	Add(obj interface{}) error
	Delete(obj interface{}) error
	Get(obj interface{}) (item interface{}, exists bool, err error)
	GetByKey(key string) (item interface{}, exists bool, err error)
	List() []interface{}
	ListKeys() []string
	Update(obj interface{}) error
}
