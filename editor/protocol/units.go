package protocol

// Units counts the UTF-16 code units of a string; a byte that is no UTF-8
// counts as one, like the replacement character that a client puts for it.
func Units(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}
