// Package fasthttp is a stub: the functions of v1.77.0 that blocking.txt names, and the
// types in their signatures.
package fasthttp

import (
	"context"
	"net"
	"time"
)

func Dial(addr string) (net.Conn, error)
func DialDualStack(addr string) (net.Conn, error)
func DialTimeout(addr string, timeout time.Duration) (net.Conn, error)
func Do(req *Request, resp *Response) error
func DoDeadline(req *Request, resp *Response, deadline time.Time) error
func DoRedirects(req *Request, resp *Response, maxRedirectsCount int) error
func DoTimeout(req *Request, resp *Response, timeout time.Duration) error
func Get(dst []byte, url string) (statusCode int, body []byte, err error)
func GetDeadline(dst []byte, url string, deadline time.Time) (statusCode int, body []byte, err error)
func GetTimeout(dst []byte, url string, timeout time.Duration) (statusCode int, body []byte, err error)
func ListenAndServe(addr string, handler RequestHandler) error
func ListenAndServeTLS(addr string, certFile string, keyFile string, handler RequestHandler) error
func Post(dst []byte, url string, postArgs *Args) (statusCode int, body []byte, err error)
func Serve(ln net.Listener, handler RequestHandler) error
func ServeConn(c net.Conn, handler RequestHandler) error

type Args struct{}

type Client struct{}

func (*Client) Do(req *Request, resp *Response) error
func (*Client) DoDeadline(req *Request, resp *Response, deadline time.Time) error
func (*Client) DoRedirects(req *Request, resp *Response, maxRedirectsCount int) error
func (*Client) DoTimeout(req *Request, resp *Response, timeout time.Duration) error
func (*Client) Get(dst []byte, url string) (statusCode int, body []byte, err error)
func (*Client) GetTimeout(dst []byte, url string, timeout time.Duration) (statusCode int, body []byte, err error)
func (*Client) Post(dst []byte, url string, postArgs *Args) (statusCode int, body []byte, err error)

type HostClient struct{}

func (*HostClient) Do(req *Request, resp *Response) error
func (*HostClient) DoDeadline(req *Request, resp *Response, deadline time.Time) error
func (*HostClient) DoRedirects(req *Request, resp *Response, maxRedirectsCount int) error
func (*HostClient) DoTimeout(req *Request, resp *Response, timeout time.Duration) error
func (*HostClient) Get(dst []byte, url string) (statusCode int, body []byte, err error)
func (*HostClient) Post(dst []byte, url string, postArgs *Args) (statusCode int, body []byte, err error)

type LBClient struct{}

func (*LBClient) Do(req *Request, resp *Response) error

type PipelineClient struct{}

func (*PipelineClient) Do(req *Request, resp *Response) error

type Request struct{}

type RequestCtx struct{}

func (*RequestCtx) SendFile(path string)
func (*RequestCtx) Write(p []byte) (int, error)
func (*RequestCtx) WriteString(s string) (int, error)

type RequestHandler func(ctx *RequestCtx)

type Response struct{}

type RoundTripper interface {
	RoundTrip(hc *HostClient, req *Request, resp *Response) (retry bool, err error)
}

type Server struct{}

func (*Server) ListenAndServe(addr string) error
func (*Server) ListenAndServeTLS(addr string, certFile string, keyFile string) error
func (*Server) Serve(ln net.Listener) error
func (*Server) ServeConn(c net.Conn) error
func (*Server) Shutdown() error
func (*Server) ShutdownWithContext(ctx context.Context) (err error)

type TCPDialer struct{}

func (*TCPDialer) Dial(addr string) (net.Conn, error)
func (*TCPDialer) DialTimeout(addr string, timeout time.Duration) (net.Conn, error)
