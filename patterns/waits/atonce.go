package waits

import (
	"go/ast"
	"go/constant"
	"net/netip"
	"strings"
)

// dials are functions that take a network and, beside it, an address which they look
// up, by the index of the network among their arguments; connects are those that wait
// for the other side, too, unless the network has no connections.
var (
	dials    = map[string]int{"net.ResolveTCPAddr": 0, "net.ResolveUDPAddr": 0, "net.ResolveIPAddr": 0}
	connects = map[string]int{"net.Dial": 0, "net.DialTimeout": 0, "(*net.Dialer).Dial": 0, "(*net.Dialer).DialContext": 1}
)

// atOnce reports whether a function that waits in general returns at once for the
// constants that it is given: one that dials by datagrams, or looks up, an address
// of numbers, or sleeps for no time.
func (w *Waiter) atOnce(c *ast.CallExpr, name string) bool {
	text := func(i int) string {
		if i >= len(c.Args) {
			return ""
		}
		v := w.U.Pkg.Info.Types[c.Args[i]].Value
		if v == nil || v.Kind() != constant.String {
			return ""
		}
		return constant.StringVal(v)
	}
	if name == "time.Sleep" {
		v := w.U.Pkg.Info.Types[c.Args[0]].Value
		return v != nil && constant.Sign(v) <= 0
	}
	i, ok := dials[name]
	if !ok {
		if i, ok = connects[name]; !ok || !strings.HasPrefix(text(i), "udp") {
			return false
		}
	}
	return isNumeric(text(i + 1))
}

// isNumeric reports whether an address needs no look-up.
func isNumeric(address string) bool {
	if _, err := netip.ParseAddrPort(address); err == nil {
		return true
	}
	_, err := netip.ParseAddr(address)
	return err == nil
}
