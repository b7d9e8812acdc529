package textedit

import (
	godiff "github.com/sourcegraph/go-diff/diff"
	"strings"
)

// A LineRange is a range of lines, numbered from 1, including both ends.
type LineRange struct{ From, To int }

// ChangedLines returns the added and changed lines in a unified diff without
// context lines, keyed by the path in the new version, without its b/ prefix.
// Where lines were only removed, it returns the lines before and after.
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
		ranges := []LineRange{} // not nil, even if only the file's mode has changed
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
