package find_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/verdict"
)

// A model is a scorecard: whole weights by sign.
type model map[string]int

// How the weights are fitted: by logistic regression in which every weight is
// drawn to the sign's prior, may not change its direction, and stays so small
// that no sign decides alone. The intercept is given: it is how often such locks
// are held on purpose in the rows, 24 patterns to 61.
const (
	priorStrength  = 1.5
	pointsPerUnit  = 5.0 // a unit is a factor e of the odds
	basePoints     = -5.0
	capUp, capDown = 3, -4
)

// fit fits a scorecard to rows. Rows of one pattern count as one.
func fit(rows []*labelled) model {
	var names []string
	mean := make(map[string]float64)
	for _, s := range verdict.Signs() {
		names = append(names, s.Name)
		mean[s.Name] = float64(s.Prior) / pointsPerUnit
	}
	theta := make(map[string]float64)
	for _, n := range names {
		theta[n] = mean[n]
	}
	base := basePoints / pointsPerUnit
	count := make(map[string]float64)
	for _, r := range rows {
		count[r.pattern()]++
	}
	for range 4000 {
		grad := make(map[string]float64)
		for _, r := range rows {
			z := base
			for _, s := range r.signs {
				z += theta[s]
			}
			d := (target(r) - 1/(1+math.Exp(-z))) / count[r.pattern()]
			for _, s := range r.signs {
				grad[s] += d
			}
		}
		const step = 0.02
		for _, n := range names {
			theta[n] += step * (grad[n] - priorStrength*(theta[n]-mean[n]))
			switch {
			case theta[n]*mean[n] < 0:
				theta[n] = 0
			}
			theta[n] = max(capDown/pointsPerUnit, min(capUp/pointsPerUnit, theta[n]))
		}
	}
	m := make(model)
	for _, n := range names {
		m[n] = int(math.Round(pointsPerUnit * theta[n]))
	}
	return m
}

func target(r *labelled) float64 {
	if strings.HasPrefix(r.label, "fix") {
		return 1
	}
	return 0
}

// judged returns what a model says of the patterns in the rows: by label, then
// by judgement, "silent" for what is not found at all. Where the rows of one
// pattern differ, most of them decide, and then the first.
func (m model) judged(rows []*labelled) confusion {
	votes := make(map[string]map[string]int)
	label := make(map[string]string)
	var keys []string
	for _, r := range rows {
		k := r.pattern()
		if votes[k] == nil {
			votes[k] = make(map[string]int)
			keys = append(keys, k)
		}
		label[k] = r.label
		j := r.state
		if j == "found" {
			j = string(verdict.JudgementOf(verdict.StartScore() + r.score(m)))
			if slices.Contains(r.signs, "deadlock") {
				j = "deadlock"
			}
		}
		votes[k][j]++
	}
	out := make(confusion)
	for _, k := range keys {
		best := ""
		for _, j := range columns {
			if best == "" || votes[k][j] > votes[k][best] {
				best = j
			}
		}
		if out[label[k]] == nil {
			out[label[k]] = make(map[string]int)
		}
		out[label[k]][best]++
	}
	return out
}

var columns = []string{"deadlock", "incidental", "unsure", "deliberate", "silent", "absent"}

var labelOrder = []string{"fix", "fix-minor", "deliberate", "not-blocking", "unclear"}

// A confusion counts patterns by label and by what is said of them.
type confusion map[string]map[string]int

func (m confusion) table(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-14s", title)
	for _, c := range columns {
		fmt.Fprintf(&b, " %10s", c)
	}
	b.WriteByte('\n')
	for _, l := range labelOrder {
		if m[l] == nil {
			continue
		}
		fmt.Fprintf(&b, "  %-12s", l)
		for _, c := range columns {
			fmt.Fprintf(&b, " %10d", m[l][c])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (m confusion) add(o confusion) {
	for l, row := range o {
		if m[l] == nil {
			m[l] = make(map[string]int)
		}
		for c, n := range row {
			m[l][c] += n
		}
	}
}

func without(rows []*labelled, repo string) (rest, own []*labelled) {
	for _, r := range rows {
		if r.repo == repo {
			own = append(own, r)
		} else {
			rest = append(rest, r)
		}
	}
	return rest, own
}

func found(rows []*labelled) []*labelled {
	return slices.DeleteFunc(slices.Clone(rows), func(r *labelled) bool { return r.state != "found" || r.label == "unclear" })
}

// repositories lists those that the rows are of.
func repositories(rows []*labelled) []string {
	var names []string
	for _, r := range rows {
		names = append(names, r.repo)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A calibration counts patterns by the score that they get, and of them those that
// are labelled fix or fix-minor.
type calibration map[int]*[2]int

// bands are the lowest scores of the bands that a calibration is printed in.
var bands = []int{6, 3, 1, -1, -4, -8, math.MinInt}

func (c calibration) add(m model, rows []*labelled) {
	seen := make(map[string]bool)
	for _, r := range found(rows) {
		if seen[r.pattern()] || slices.Contains(r.signs, "deadlock") {
			continue
		}
		seen[r.pattern()] = true
		score := verdict.StartScore() + r.score(m)
		band := bands[slices.IndexFunc(bands, func(low int) bool { return score >= low })]
		if c[band] == nil {
			c[band] = new([2]int)
		}
		c[band][0] += int(target(r))
		c[band][1]++
	}
}

func (c calibration) String() string {
	var b strings.Builder
	b.WriteString("score        to be changed\n")
	for i, low := range bands {
		name := fmt.Sprintf("%+d or more", low)
		switch {
		case i == len(bands)-1:
			name = fmt.Sprintf("less than %+d", bands[i-1])
		case i > 0:
			name = fmt.Sprintf("%+d to %+d", low, bands[i-1]-1)
		}
		n := c[low]
		if n == nil {
			n = new([2]int)
		}
		fmt.Fprintf(&b, "  %-14s %3d of %3d\n", name, n[0], n[1])
	}
	return b.String()
}

// TestWeights checks that the weights in the code are those that the rows give.
func TestWeights(t *testing.T) {
	_, rows := readLabels(t)
	m := fit(found(rows))
	for _, s := range verdict.Signs() {
		if m[s.Name] != s.Weight {
			t.Errorf("weights.go gives %s the weight %d, the rows give %d", s.Name, s.Weight, m[s.Name])
		}
	}
	known := make(map[string]bool)
	for _, s := range verdict.Signs() {
		known[s.Name] = true
	}
	for _, r := range rows {
		for _, s := range r.signs {
			if !known[s] {
				t.Errorf("%s:%s: unknown sign %s", r.repo, r.where, s)
			}
		}
	}
}

// TestNoSignDecides checks that each sign alone leaves the verdict open.
func TestNoSignDecides(t *testing.T) {
	if j := verdict.JudgementOf(verdict.StartScore()); j != finding.Unsure {
		t.Errorf("without a sign the verdict is %s", j)
	}
	for _, s := range verdict.Signs() {
		if j := verdict.JudgementOf(verdict.StartScore() + s.Weight); j != finding.Unsure {
			t.Errorf("%s alone makes the verdict %s", s.Name, j)
		}
		if s.What == "" || s.Prior == 0 || s.Weight*s.Prior < 0 {
			t.Errorf("%+v: a sign needs a direction and a text", s)
		}
	}
}

const matrixFile = "../../testdata/labels/matrix.golden"

// TestVerdictOnLabels judges the labelled sections of each repository with
// weights that were fitted to the others, and compares the result, by
// repository, with testdata/labels/matrix.golden. Then it checks what is
// promised of the verdict.
func TestVerdictOnLabels(t *testing.T) {
	_, rows := readLabels(t)
	crossed, inSample := make(confusion), make(confusion)
	inCode := make(model)
	for _, s := range verdict.Signs() {
		inCode[s.Name] = s.Weight
	}
	var b strings.Builder
	b.WriteString("Weights fitted to the other repositories:\n\n")
	scores := make(calibration)
	for _, repo := range repositories(rows) {
		rest, own := without(rows, repo)
		fitted := fit(found(rest))
		m := fitted.judged(own)
		b.WriteString(m.table(repo))
		crossed.add(m)
		scores.add(fitted, own)
		inSample.add(inCode.judged(own))
	}
	b.WriteString(crossed.table("all"))
	fmt.Fprintf(&b, "\nOf those without a deadlock, by the score with these weights:\n\n%s", scores)
	b.WriteString("\nThe weights of the code, fitted to all:\n\n")
	b.WriteString(inSample.table("all"))
	if *update {
		if err := os.WriteFile(matrixFile, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("not as in %s:\n%s", matrixFile, diffLines(string(want), b.String()))
	}
	crossed.promised(t)
}

// promised checks the shares that the verdict is meant to reach. A possible
// deadlock is shown above all others, so it counts as shown first.
func (m confusion) promised(t *testing.T) {
	first := func(labels ...string) (n int) {
		for _, l := range labels {
			n += m[l]["deadlock"] + m[l]["incidental"]
		}
		return n
	}
	sum := func(l string) (n int) {
		for _, c := range columns {
			n += m[l][c]
		}
		return n
	}
	for _, p := range []struct {
		what    string
		part    int
		of      int
		percent int
	}{
		{"of the findings shown first are labelled fix or fix-minor", first("fix", "fix-minor"), first(labelOrder...), 80},
		{"of the sections labelled fix are shown", first("fix") + m["fix"]["unsure"], sum("fix"), 90},
		{"of the sections labelled fix are shown first", first("fix"), sum("fix"), 80},
		{"of the findings shown first can block", first(labelOrder...) - first("not-blocking"), first(labelOrder...), 97},
		{"of the sections labelled not-blocking are not shown", sum("not-blocking") - first("not-blocking") - m["not-blocking"]["unsure"], sum("not-blocking"), 65},
	} {
		if 100*p.part < p.percent*p.of {
			t.Errorf("%d of %d %s, less than %d %%", p.part, p.of, p.what, p.percent)
		}
	}
}
