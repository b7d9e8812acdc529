package editor_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
)

// BenchmarkEdit measures what the user waits for: from a key stroke to the
// findings of the new text, which includes the delay that the server leaves for
// the next key stroke, and from the request for code actions to the answer. It
// types into a large package of the standard library or, to compare, into the
// file that the environment variable LETGO_BENCH names. LETGO_DELAY sets the
// delay.
func BenchmarkEdit(b *testing.B) {
	file := cmp.Or(os.Getenv("LETGO_BENCH"), filepath.Join(runtime.GOROOT(), "src/net/http/server.go"))
	delay, _ := time.ParseDuration(os.Getenv("LETGO_DELAY"))
	text := read(b, file)
	c, _ := start(b, editor.Options{Delay: delay})
	c.Initialize(filepath.Dir(file), lsptest.Full())
	c.Open(file, text)
	c.Diagnosed(file, 1)
	end := lsptest.PositionOf(text, len(text))
	var finding, action, cpu []time.Duration
	version := 1
	for b.Loop() {
		version++
		before, t := processTime(), time.Now()
		c.Edit(file, version, lsptest.Point(end), fmt.Sprintf("\n// %d\n", version))
		diags := c.Diagnosed(file, version)
		finding, cpu = append(finding, time.Since(t)), append(cpu, processTime()-before)
		at := lsptest.Point(lsptest.At(text, "Lock()", version%strings.Count(text, "Lock()")))
		if len(diags) > 0 {
			at = diags[version%len(diags)].Range
		}
		t = time.Now()
		if _, err := c.Actions(file, at); err != nil {
			b.Fatal(err)
		}
		action = append(action, time.Since(t))
	}
	report := func(name string, list []time.Duration) {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, name+"-ms")
		b.ReportMetric(float64(list[(len(list)-1)*95/100].Microseconds())/1000, name+"-p95-ms")
	}
	report("finding", finding)
	report("action", action)
	report("cpu", cpu)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys-m.HeapReleased)/(1<<20), "MB")
}
