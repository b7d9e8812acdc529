// Package netlink is a stub: the functions of v1.3.1 that blocking.txt names, and the
// types in their signatures.
package netlink

import (
	"net"

	"github.com/vishvananda/netlink/nl"
)

func AddrAdd(link Link, addr *Addr) error
func AddrDel(link Link, addr *Addr) error
func AddrList(link Link, family int) ([]Addr, error)
func AddrReplace(link Link, addr *Addr) error
func BridgeVlanList() (map[int32][]*nl.BridgeVlanInfo, error)
func LinkAdd(link Link) error
func LinkByIndex(index int) (Link, error)
func LinkByName(name string) (Link, error)
func LinkDel(link Link) error
func LinkList() ([]Link, error)
func LinkModify(link Link) error
func LinkSetDown(link Link) error
func LinkSetHardwareAddr(link Link, hwaddr net.HardwareAddr) error
func LinkSetMTU(link Link, mtu int) error
func LinkSetMaster(link Link, master Link) error
func LinkSetName(link Link, name string) error
func LinkSetNsFd(link Link, fd int) error
func LinkSetUp(link Link) error
func NeighAdd(neigh *Neigh) error
func NeighDel(neigh *Neigh) error
func NeighList(linkIndex int, family int) ([]Neigh, error)
func NeighSet(neigh *Neigh) error
func RouteAdd(route *Route) error
func RouteDel(route *Route) error
func RouteGet(destination net.IP) ([]Route, error)
func RouteList(link Link, family int) ([]Route, error)
func RouteReplace(route *Route) error
func RuleAdd(rule *Rule) error
func RuleDel(rule *Rule) error
func RuleList(family int) ([]Rule, error)

type Addr struct{}

type Handle struct{}

func (*Handle) AddrAdd(link Link, addr *Addr) error
func (*Handle) AddrDel(link Link, addr *Addr) error
func (*Handle) AddrList(link Link, family int) ([]Addr, error)
func (*Handle) AddrReplace(link Link, addr *Addr) error
func (*Handle) LinkAdd(link Link) error
func (*Handle) LinkByIndex(index int) (Link, error)
func (*Handle) LinkByName(name string) (Link, error)
func (*Handle) LinkDel(link Link) error
func (*Handle) LinkList() ([]Link, error)
func (*Handle) LinkModify(link Link) error
func (*Handle) LinkSetDown(link Link) error
func (*Handle) LinkSetHardwareAddr(link Link, hwaddr net.HardwareAddr) error
func (*Handle) LinkSetMTU(link Link, mtu int) error
func (*Handle) LinkSetMaster(link Link, master Link) error
func (*Handle) LinkSetName(link Link, name string) error
func (*Handle) LinkSetUp(link Link) error
func (*Handle) NeighAdd(neigh *Neigh) error
func (*Handle) NeighDel(neigh *Neigh) error
func (*Handle) NeighList(linkIndex int, family int) ([]Neigh, error)
func (*Handle) NeighSet(neigh *Neigh) error
func (*Handle) RouteAdd(route *Route) error
func (*Handle) RouteDel(route *Route) error
func (*Handle) RouteGet(destination net.IP) ([]Route, error)
func (*Handle) RouteList(link Link, family int) ([]Route, error)
func (*Handle) RouteReplace(route *Route) error
func (*Handle) RuleAdd(rule *Rule) error
func (*Handle) RuleDel(rule *Rule) error
func (*Handle) RuleList(family int) ([]Rule, error)

type Link interface{}

type Neigh struct{}

type Route struct{}

type Rule struct{}
