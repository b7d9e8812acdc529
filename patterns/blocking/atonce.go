package blocking

import (
	"go/ast"
	"go/constant"
	"go/types"
	"net/netip"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// dials are functions that take a network and then an address that they look up, with the
// index of the network argument; connects are those that also wait for the other side,
// unless the network is connectionless.
var (
	dials    = map[string]int{"net.ResolveTCPAddr": 0, "net.ResolveUDPAddr": 0, "net.ResolveIPAddr": 0}
	connects = map[string]int{"net.Dial": 0, "net.DialTimeout": 0, "(*net.Dialer).Dial": 0, "(*net.Dialer).DialContext": 1}
)

// numeric are methods that give an address in numbers, or what is no address at all.
var numeric = map[string]bool{
	"(net/netip.AddrPort).String": true, "(*net.UDPAddr).String": true, "(*net.TCPAddr).String": true,
}

// AtOnce reports whether a function that usually waits returns at once for its arguments: it
// dials a numeric address by datagrams, looks up a numeric address, or sleeps for no time.
func AtOnce(info *types.Info, c *ast.CallExpr, name string) bool {
	text := func(i int) string {
		if i >= len(c.Args) {
			return ""
		}
		v := info.Types[c.Args[i]].Value
		if v == nil || v.Kind() != constant.String {
			return ""
		}
		return constant.StringVal(v)
	}
	if name == "time.Sleep" {
		v := info.Types[c.Args[0]].Value
		return v != nil && constant.Sign(v) <= 0
	}
	i, ok := dials[name]
	if !ok {
		if i, ok = connects[name]; !ok || !strings.HasPrefix(text(i), "udp") {
			return false
		}
	}
	return i+1 < len(c.Args) && givesNumbers(info, c.Args[i+1]) || isNumeric(text(i+1))
}

// givesNumbers reports whether an expression is a call of one of the methods that give an
// address in numbers.
func givesNumbers(info *types.Info, e ast.Expr) bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := typeutil.StaticCallee(info, c)
	return fn != nil && numeric[fn.FullName()]
}

// isNumeric reports whether an address needs no lookup.
func isNumeric(address string) bool {
	if _, err := netip.ParseAddrPort(address); err == nil {
		return true
	}
	_, err := netip.ParseAddr(address)
	return err == nil
}
