package storage

import (
	"iter"
	"slices"
)

// classes is a union-find over places and the storage that they refer to.
type classes struct {
	parent []Class
	target []Class // of a representative: what values in this storage refer to; 0 if not asked for yet
	flags  []flag
	up     []chain // of a representative: the places whose values refer to it, and the objects with it in a field
	links  []link  // of the chains
}

// A chain is a list of classes that another list can be appended to in constant time. Its
// ends are indices of links, 0 if there are none.
type chain struct{ first, last int32 }

type link struct {
	class Class
	next  int32
}

// A flag is something known about a class.
type flag byte

const (
	shared  flag = 1 << iota // reached through a field or a package-level variable
	global                   // reached through a package-level variable
	written                  // something writes to it
	changed                  // something writes to a field of it
	deep                     // code that uses reflection writes to it or below it
	kept                     // unseen code may have kept it, and may write to it at any time
	boundTo                  // a method that changes it is a value
)

// inherited are the flags that a class passes on to what it refers to.
const inherited = shared | global | kept

// init makes room for some classes.
func (c *classes) init(room int) {
	c.parent, c.target = append(make([]Class, 0, room), 0), append(make([]Class, 0, room), 0)
	c.flags, c.up = append(make([]flag, 0, room), 0), append(make([]chain, 0, room), chain{})
	c.links = []link{{}}
}

// fresh makes a class.
func (c *classes) fresh() Class {
	n := Class(len(c.parent))
	c.parent = append(c.parent, n)
	c.target = append(c.target, 0)
	c.flags = append(c.flags, 0)
	c.up = append(c.up, chain{})
	return n
}

func (c *classes) find(a Class) Class {
	for {
		p := c.parent[a]
		up := c.parent[p]
		if p == up {
			return p
		}
		c.parent[a], a = up, up
	}
}

// refers returns what values in a class refer to, and makes it if need be.
func (c *classes) refers(a Class) Class {
	if a == 0 {
		return 0
	}
	a = c.find(a)
	if c.target[a] == 0 {
		t := c.fresh()
		c.flags[t] = c.flags[a] & inherited
		c.target[a] = t
		c.addUp(t, a)
	}
	return c.find(c.target[a])
}

// chainFrom lists a class, what it refers to, what that refers to, and so on.
func (c *classes) chainFrom(a Class) []Class {
	var out []Class
	for ; a != 0 && !slices.Contains(out, a); a = c.find(c.target[a]) {
		out = append(out, a)
	}
	return out
}

// mark sets flags of a class, and the inherited ones of what it refers to.
func (c *classes) mark(a Class, f flag) {
	for a = c.find(a); a != 0 && c.flags[a]&f != f; a = c.find(c.target[a]) {
		c.flags[a] |= f
		if f &= inherited; f == 0 {
			return
		}
	}
}

// union makes two classes, and what they refer to, one.
func (c *classes) union(a, b Class) {
	for a != 0 && b != 0 {
		a, b = c.find(a), c.find(b)
		if a == b {
			return
		}
		ta, tb := c.target[a], c.target[b]
		c.parent[a] = b
		c.flags[b] |= c.flags[a]
		c.joinUp(b, a)
		if tb == 0 {
			c.target[b] = ta
		}
		if t := c.target[b]; t != 0 {
			c.mark(t, c.flags[b]&inherited)
		}
		a, b = ta, tb
	}
}

// flow merges what the values in two places refer to.
func (c *classes) flow(a, b Class) {
	if a != 0 && b != 0 {
		c.union(c.refers(a), c.refers(b))
	}
}

// putInside notes that a field of an object holds a value that refers to a class.
func (c *classes) putInside(object, class Class) {
	if object != 0 && class != 0 {
		class = c.find(class)
		c.addUp(class, c.find(object))
	}
}

// addUp notes that a class leads to another one.
func (c *classes) addUp(class, from Class) {
	c.links = append(c.links, link{class: from})
	n := int32(len(c.links) - 1)
	if up := &c.up[class]; up.first == 0 {
		*up = chain{n, n}
	} else {
		c.links[up.last].next, up.last = n, n
	}
}

// joinUp adds what leads to b behind what leads to a.
func (c *classes) joinUp(a, b Class) {
	if c.up[b].first == 0 {
		return
	}
	if c.up[a].first == 0 {
		c.up[a] = c.up[b]
	} else {
		c.links[c.up[a].last].next, c.up[a].last = c.up[b].first, c.up[b].last
	}
	c.up[b] = chain{}
}

// leadTo visits the classes that lead to one, until it is told to stop.
func (c *classes) leadTo(class Class) iter.Seq[Class] {
	return func(yield func(Class) bool) {
		for n := c.up[class].first; n != 0; n = c.links[n].next {
			if !yield(c.links[n].class) {
				return
			}
		}
	}
}
