package textedit

import (
	godiff "github.com/sourcegraph/go-diff/diff"
	"strings"
)

// A LineRange is some lines of a file, from 1, both ends included.
type LineRange struct{ From, To int }

// ChangedLines returns the lines of new files that are new according to a unified diff
// without context, by path without its prefix b/. Where lines were only removed, it
// returns those before and after that place.
func ChangedLines(diff []byte) (map[string][]LineRange, error) {
	files, err := godiff.ParseMultiFileDiff(diff)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]LineRange)
	for _, f := range files {
		name := strings.TrimPrefix(f.NewName, "b/")
		if f.NewName == "/dev/null" || name == "" {
			continue
		}
		ranges := []LineRange{} // not nil, even if only its mode has changed
		for _, h := range f.Hunks {
			r := LineRange{int(h.NewStartLine), int(h.NewStartLine + h.NewLines - 1)}
			if h.NewLines == 0 {
				r.To = r.From + 1
			}
			ranges = append(ranges, r)
		}
		out[name] = ranges
	}
	return out, nil
}
