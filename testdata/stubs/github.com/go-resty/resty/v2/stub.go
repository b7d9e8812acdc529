// Package resty is a stub: the functions of v2.17.2 that blocking.txt names, and the
// types in their signatures.
package resty

type Request struct{}

func (*Request) Delete(url string) (*Response, error)
func (*Request) Execute(method string, url string) (*Response, error)
func (*Request) Get(url string) (*Response, error)
func (*Request) Head(url string) (*Response, error)
func (*Request) Options(url string) (*Response, error)
func (*Request) Patch(url string) (*Response, error)
func (*Request) Post(url string) (*Response, error)
func (*Request) Put(url string) (*Response, error)
func (*Request) Send() (*Response, error)

type Response struct{}
