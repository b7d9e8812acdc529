package textedit

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestApply(t *testing.T) {
	const src = "one\ntwo\nthree\n"
	tests := []struct {
		name  string
		edits []Edit
		want  string // or the error
	}{
		{"none", nil, src},
		{"insert at start", []Edit{{0, 0, "zero\n"}}, "zero\none\ntwo\nthree\n"},
		{"insert at end", []Edit{{14, 14, "four"}}, "one\ntwo\nthree\nfour"},
		{"delete", []Edit{{4, 8, ""}}, "one\nthree\n"},
		{"unsorted", []Edit{{8, 13, "3"}, {0, 3, "1"}}, "1\ntwo\n3\n"},
		{"touching", []Edit{{0, 4, "1\n"}, {4, 8, "2\n"}}, "1\n2\nthree\n"},
		{"two insertions keep their order", []Edit{{4, 4, "b"}, {4, 4, "a"}}, "one\nbatwo\nthree\n"},
		{"insertion before replacement", []Edit{{4, 7, "2"}, {4, 4, "a"}}, "one\na2\nthree\n"},
		{"insertion after replacement", []Edit{{4, 4, "a"}, {0, 4, ""}}, "atwo\nthree\n"},
		{"overlap", []Edit{{0, 5, ""}, {4, 6, ""}}, "edits [0,5) and [4,6) overlap"},
		{"insertion inside", []Edit{{0, 5, ""}, {3, 3, "x"}}, "edits [0,5) and [3,3) overlap"},
		{"same twice", []Edit{{0, 5, ""}, {0, 5, ""}}, "edits [0,5) and [0,5) overlap"},
		{"past the end", []Edit{{0, 15, ""}}, "edit [0,15) is outside of the file's 14 bytes"},
		{"negative", []Edit{{-1, 2, ""}}, "edit [-1,2) is outside of the file's 14 bytes"},
		{"backwards", []Edit{{3, 2, ""}}, "edit [3,2) is outside of the file's 14 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.edits)
			got, err := Apply([]byte(src), tt.edits)
			if err != nil {
				got = []byte(err.Error())
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !slices.Equal(before, tt.edits) {
				t.Errorf("the edits were changed: %v", tt.edits)
			}
		})
	}
}

func TestTrim(t *testing.T) {
	const src = "a\nb\nc\nd\n"
	tests := []struct {
		name     string
		in, want []Edit
	}{
		{"no-op", []Edit{{0, 8, src}, {8, 8, ""}}, nil},
		{"one line of many", []Edit{{0, 8, "a\nb\nX\nd\n"}}, []Edit{{4, 6, "X\n"}}},
		{"insertion", []Edit{{0, 8, "a\nb\nX\nc\nd\n"}}, []Edit{{4, 4, "X\n"}}},
		{"deletion", []Edit{{0, 8, "a\nd\n"}}, []Edit{{2, 6, ""}}},
		{"repeated line", []Edit{{0, 8, "a\nb\nb\nc\nd\n"}}, []Edit{{4, 4, "b\n"}}},
		{"within a line", []Edit{{2, 3, "x"}}, []Edit{{2, 3, "x"}}},
		{"no line end", []Edit{{0, 7, "a\nb\nc\nx"}}, []Edit{{6, 7, "x"}}},
		{"from within a line", []Edit{{1, 6, "!\nb\nc\n"}}, []Edit{{1, 2, "!\n"}}},
		{"two edits", []Edit{{4, 8, "c\nD\n"}, {0, 4, "A\nb\n"}}, []Edit{{6, 8, "D\n"}, {0, 2, "A\n"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Trim([]byte(src), tt.in)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			checkSame(t, []byte(src), tt.in, got)
		})
	}
}

func checkSame(t *testing.T, src []byte, a, b []Edit) {
	t.Helper()
	x, err := Apply(src, a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := Apply(src, b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("the edits %v do something else than %v", b, a)
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           []Edit
	}{
		{"same", "a\nb\n", "a\nb\n", nil},
		{"both empty", "", "", nil},
		{"from empty", "", "a\n", []Edit{{0, 0, "a\n"}}},
		{"to empty", "a\n", "", []Edit{{0, 2, ""}}},
		{"line end added", "a\nb", "a\nb\n", []Edit{{2, 3, "b\n"}}},
		{"line end taken", "a\nb\n", "a\nb", []Edit{{2, 4, "b"}}},
		{"two places", "a\nb\nc\nd\ne\n", "a\nB\nc\nD\ne\n", []Edit{{2, 4, "B\n"}, {6, 8, "D\n"}}},
		{"carriage returns", "a\r\nb\r\n", "a\r\nx\r\nb\r\n", []Edit{{3, 3, "x\r\n"}}},
		{"moved", "x\na\nb\n", "a\nb\nx\n", []Edit{{0, 2, ""}, {6, 6, "x\n"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Lines([]byte(tt.old), []byte(tt.new))
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestRandomLines checks that for random pairs of texts, Lines returns whole-line
// edits that turn one into the other and that Trim can't shrink.
func TestRandomLines(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		old, new := randomPair(rnd)
		edits := Lines(old, new)
		got, err := Apply(old, edits)
		if err != nil || !bytes.Equal(got, new) {
			t.Fatalf("%q to %q: got %q, %v by %v", old, new, got, err, edits)
		}
		for i, e := range edits {
			if e.Start > 0 && old[e.Start-1] != '\n' || i > 0 && e.Start == edits[i-1].End {
				t.Fatalf("%q to %q: %v is not made of whole lines or touches another edit", old, new, e)
			}
		}
		if trimmed := Trim(old, edits); !slices.Equal(trimmed, edits) {
			t.Fatalf("%q to %q: %v can be trimmed to %v", old, new, edits, trimmed)
		}
		whole := []Edit{{0, len(old), string(new)}}
		checkSame(t, old, whole, Trim(old, whole))
	}
}

// randomPair returns a random text and a randomly edited copy of it. There are
// few distinct lines, so that many are equal.
func randomPair(rnd *rand.Rand) (old, new []byte) {
	words := []string{"", "a", "b", "\tif x {", "}", "ü", "-", "+ ", "\\", "@@ -1,2 +3,4 @@", "--- x", "+++ y"}
	end := "\n"
	if rnd.IntN(4) == 0 {
		end = "\r\n"
	}
	line := func() string { return words[rnd.IntN(len(words))] + end }
	var a []string
	for range rnd.IntN(40) {
		a = append(a, line())
	}
	b := slices.Clone(a)
	for range rnd.IntN(6) {
		i := rnd.IntN(len(b) + 1)
		switch j := min(len(b), i+rnd.IntN(4)); rnd.IntN(3) {
		case 0:
			b = slices.Insert(b, i, line(), line())
		case 1:
			b = slices.Delete(b, i, j)
		default:
			for ; i < j; i++ {
				b[i] = line()
			}
		}
	}
	text := func(lines []string) []byte {
		s := strings.Join(lines, "")
		if rnd.IntN(4) == 0 {
			s = strings.TrimSuffix(s, end)
		}
		return []byte(s)
	}
	return text(a), text(b)
}
