package guards

import "github.com/letgo-dev/letgo/patterns"

// ChannelCloses lists the calls of the built-in function close in a package.
func ChannelCloses(x *patterns.Program, p *patterns.Package) []patterns.Call {
	var out []patterns.Call
	for _, u := range x.UnitsIn(p) {
		for _, c := range u.Calls() {
			if patterns.BuiltinOf(p.Info, c) == "close" && len(c.Args) == 1 {
				out = append(out, patterns.Call{Unit: u, Call: c})
			}
		}
	}
	return out
}
