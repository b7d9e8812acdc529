// Package ldap is a stub: the functions of v3.4.15 that blocking.txt names, and the
// types in their signatures.
package ldap

import (
	"crypto/tls"
)

func Dial(network string, addr string) (*Conn, error)
func DialTLS(network string, addr string, config *tls.Config) (*Conn, error)
func DialURL(addr string, opts ...DialOpt) (*Conn, error)

type AddRequest struct{}

type Client interface {
	Add(*AddRequest) error
	Bind(username string, password string) error
	Compare(dn string, attribute string, value string) (bool, error)
	Del(*DelRequest) error
	Modify(*ModifyRequest) error
	Search(*SearchRequest) (*SearchResult, error)
	SearchWithPaging(searchRequest *SearchRequest, pagingSize uint32) (*SearchResult, error)
	SimpleBind(*SimpleBindRequest) (*SimpleBindResult, error)
}

type Conn struct{}

func (*Conn) Add(addRequest *AddRequest) error
func (*Conn) Bind(username string, password string) error
func (*Conn) Close() (err error)
func (*Conn) Compare(dn string, attribute string, value string) (bool, error)
func (*Conn) Del(delRequest *DelRequest) error
func (*Conn) Modify(modifyRequest *ModifyRequest) error
func (*Conn) ModifyDN(m *ModifyDNRequest) error
func (*Conn) PasswordModify(passwordModifyRequest *PasswordModifyRequest) (*PasswordModifyResult, error)
func (*Conn) Search(searchRequest *SearchRequest) (*SearchResult, error)
func (*Conn) SearchWithPaging(searchRequest *SearchRequest, pagingSize uint32) (*SearchResult, error)
func (*Conn) SimpleBind(simpleBindRequest *SimpleBindRequest) (*SimpleBindResult, error)
func (*Conn) StartTLS(config *tls.Config) error
func (*Conn) UnauthenticatedBind(username string) error
func (*Conn) Unbind() error
func (*Conn) WhoAmI(controls []Control) (*WhoAmIResult, error)

type Control interface{}

type DelRequest struct{}

type DialContext struct{}

type DialOpt func(*DialContext)

type ModifyDNRequest struct{}

type ModifyRequest struct{}

type PasswordModifyRequest struct{}

type PasswordModifyResult struct{}

type SearchRequest struct{}

type SearchResult struct{}

type SimpleBindRequest struct{}

type SimpleBindResult struct{}

type WhoAmIResult struct{}
