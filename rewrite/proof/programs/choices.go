package programs

import "math/rand/v2"

// Choices makes the generator's decisions, from a seeded random number generator
// or from a fuzzer's bytes.
type Choices struct {
	bytes []byte // used first
	rand  *rand.Rand
}

// Seeded returns the choices for a program in a run with the given seed.
func Seeded(seed, program uint64) *Choices {
	return &Choices{rand: rand.New(rand.NewPCG(seed, program))}
}

// FromBytes returns the choices that data encodes, one per byte. Choices after the
// last byte are deterministic.
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

// odds returns true with a probability of about percent/100.
func (c *Choices) odds(percent int) bool { return c.n(100) >= 100-percent }

// weigh returns a random index, with probabilities proportional to the weights.
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

// pick returns a random element of list.
func pick[T any](c *Choices, list []T) T { return list[c.n(len(list))] }
