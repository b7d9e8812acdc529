package webpage

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// fill sets every string of a value to a text, and every list to n of its elements.
func fill(v reflect.Value, text string, n int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		v.SetInt(12)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(v.Index(i), text, n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text, n)
		}
	}
}

// elements counts the elements of a page by name, and lists the names of attributes.
func elements(t *testing.T, page []byte) (map[string]int, []string) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]int)
	var attrs []string
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			count[n.Data]++
			for _, a := range n.Attr {
				attrs = append(attrs, a.Key)
			}
		}
	}
	slices.Sort(attrs)
	return count, slices.Compact(attrs)
}

// TestHostile checks that nothing in the source becomes part of the page but text.
func TestHostile(t *testing.T) {
	write := func(text string) (map[string]int, []string) {
		p := &Page{}
		fill(reflect.ValueOf(p).Elem(), text, 2)
		for _, f := range p.Findings { // else lines are gaps
			for i := range f.Source {
				f.Source[i].Gap = 0
			}
		}
		var out bytes.Buffer
		if err := Write(&out, p); err != nil {
			t.Fatal(err)
		}
		return elements(t, out.Bytes())
	}
	plain, attrs := write("harmless")
	for _, text := range []string{
		`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`,
		`' onmouseover='alert(1)`, `" onmouseover="alert(1)`, `</style></title></textarea></pre><b>`, `<!--`, `javascript:alert(1)`, `{{.}}`, "\x00\xff",
	} {
		got, a := write(text)
		if fmt.Sprint(got) != fmt.Sprint(plain) {
			t.Errorf("%q changes the elements: %v, want %v", text, got, plain)
		}
		if !slices.Equal(a, attrs) {
			t.Errorf("%q changes the attributes: %v, want %v", text, a, attrs)
		}
	}
	if plain["script"] != 1 || plain["style"] != 1 || plain["img"]+plain["link"]+plain["iframe"] > 0 {
		t.Errorf("%v", plain)
	}
}

// TestSize checks that a page of 500 findings stays below 3 MB. Those of syncthing have
// 4 kB each; these are larger, and each has a rewrite.
func TestSize(t *testing.T) {
	p := &Page{}
	for range 500 {
		f := &Finding{Plan: &Plan{Files: []File{{Name: "server/connection.go"}}}}
		for i := range 16 {
			f.Source = append(f.Source, Line{Number: 1000 + i, Mark: "held", Text: "\t\tif err := c.transport.send(ctx, request); err != nil {"})
		}
		for range 14 {
			f.Plan.Files[0].Rows = append(f.Plan.Files[0].Rows, Row{OldNumber: 1000, NewNumber: 1001, Old: "\t\tif err := c.send(ctx, r); err != nil {"})
		}
		for range 3 {
			f.Plan.Questions = append(f.Plan.Questions, Question{"S9", strings.Repeat("a question ", 12), "server/connection.go:1001"})
		}
		for range 6 {
			f.Signs = append(f.Signs, Sign{"+2", "sign", strings.Repeat("a sign ", 10), "server/connection.go:1001", "accident"})
			f.Guarded = append(f.Guarded, Guarded{"connections", "10 of 12 accesses under the lock, 3 of them changes"})
		}
		p.Findings = append(p.Findings, f)
	}
	var out bytes.Buffer
	if err := Write(&out, p); err != nil {
		t.Fatal(err)
	}
	if n := out.Len(); n > 3<<20 || n < 1<<20 {
		t.Errorf("%d bytes", n)
	}
}

func TestRows(t *testing.T) {
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprint("line ", i+1))
	}
	old := strings.Join(lines, "\n") + "\n"
	lines[4] = "new 5"
	lines = slices.Insert(lines, 15, "added")
	lines = slices.Delete(lines, 17, 18)
	text := strings.Join(lines, "\n") + "\n"
	var got []string
	for _, r := range Rows(old, textedit.Lines([]byte(old), []byte(text)), 2) {
		got = append(got, fmt.Sprintf("%s %d %s | %d %s", r.Kind, r.OldNumber, r.Old, r.NewNumber, r.New))
	}
	want := []string{
		" 3 line 3 | 3 line 3", " 4 line 4 | 4 line 4", "change 5 line 5 | 5 new 5", " 6 line 6 | 6 line 6", " 7 line 7 | 7 line 7",
		"gap 0  | 0 ", " 14 line 14 | 14 line 14", " 15 line 15 | 15 line 15", "new 0  | 16 added", " 16 line 16 | 17 line 16",
		"gone 17 line 17 | 0 ", " 18 line 18 | 18 line 18", " 19 line 19 | 19 line 19",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
