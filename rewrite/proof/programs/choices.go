package programs

import "math/rand/v2"

// Choices is the source of the generator's decisions: a seeded stream of random
// numbers, or a fuzzer's bytes.
type Choices struct {
	bytes []byte // used up first
	rand  *rand.Rand
}

// Seeded returns the choices of one program of one run.
func Seeded(seed, program uint64) *Choices {
	return &Choices{rand: rand.New(rand.NewPCG(seed, program))}
}

// FromBytes returns the choices that bytes encode: each byte is one, and what follows
// the last one is always the same.
func FromBytes(data []byte) *Choices {
	return &Choices{bytes: data, rand: rand.New(rand.NewPCG(1, 1))}
}

// n returns a number below k.
func (c *Choices) n(k int) int {
	if k <= 1 {
		return 0
	}
	if len(c.bytes) == 0 {
		return c.rand.IntN(k)
	}
	b := c.bytes[0]
	c.bytes = c.bytes[1:]
	return int(b) % k
}

// odds is true in about percent of 100 cases.
func (c *Choices) odds(percent int) bool { return c.n(100) >= 100-percent }

// weigh returns an index with a chance in proportion to its weight.
func (c *Choices) weigh(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	at := c.n(sum)
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return 0
}

// pick returns one of the elements.
func pick[T any](c *Choices, list []T) T { return list[c.n(len(list))] }
