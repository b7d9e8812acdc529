package main

import (
	"fmt"
	"image/color"
	"math"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A style is how a server is drawn. The three that hold the lock lie on top of
// each other, so the first ones are wide.
type style struct {
	color  color.Color
	width  vg.Length
	dashes []vg.Length
}

var styles = map[string]style{ // colours of Okabe and Ito, which the colour-blind tell apart
	"floor":        {color.RGBA{0x60, 0x60, 0x60, 0xff}, 1.2, []vg.Length{4, 3}},
	"held":         {color.RGBA{0xf0, 0xc8, 0x60, 0xff}, 7, nil},
	"context-lock": {color.RGBA{0xd5, 0x5e, 0x00, 0xff}, 3.5, nil},
	"offload":      {color.RGBA{0x20, 0x20, 0x20, 0xff}, 1.2, []vg.Length{2, 2}},
	"letgo":        {color.RGBA{0x00, 0x72, 0xb2, 0xff}, 3, nil},
}

var drawn = []string{"held", "context-lock", "offload", "letgo", "floor"}

// plot draws two panels: latency by percentile in the first closed loop, and
// latency by offered load in the open ones.
func (r *report) plot(name string) error {
	left, err := r.byPercentile()
	if err != nil {
		return err
	}
	right, err := r.byRate()
	if err != nil {
		return err
	}
	const width, height = 11 * vg.Inch, 4.2 * vg.Inch
	img := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(110))
	canvas := draw.New(img)
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: 24, PadTop: 10, PadBottom: 10, PadLeft: 10, PadRight: 16}
	for i, row := range plot.Align([][]*plot.Plot{{left, right}}, tiles, canvas)[0] {
		[]*plot.Plot{left, right}[i].Draw(row)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(f); err != nil {
		f.Close()
		return fmt.Errorf("drawing %s: %w", name, err)
	}
	return f.Close()
}

// newPlot returns a panel with a logarithmic axis of latency.
func newPlot(title, x string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, "latency of a write"
	p.Title.Padding = 8
	p.Title.TextStyle.Font.Size = 13
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = 11, 10
		a.Scale = plot.LogScale{}
		a.LineStyle.Color, a.Tick.LineStyle.Color = color.Gray{0x90}, color.Gray{0x90}
	}
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		f.Typeface, f.Variant = "Liberation", "Sans"
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{0xe4}, color.Gray{0xe4}
	p.Add(grid)
	p.Legend.TextStyle.Font.Size = 11
	p.Legend.ThumbnailWidth = 26
	p.Legend.Padding = 2
	p.Y.Min, p.Y.Max = 5, 2000
	p.Y.Tick.Marker = ticks{{5, "5 ms"}, {10, "10 ms"}, {20, "20 ms"}, {50, "50 ms"}, {100, "100 ms"}, {200, "200 ms"}, {500, "500 ms"}, {1000, "1 s"}, {2000, "2 s"}}
	return p
}

// ticks are the marks of an axis, where they are within it.
type ticks []struct {
	value float64
	label string
}

func (t ticks) Ticks(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	for _, x := range t {
		if x.value >= lo*0.999 && x.value <= hi*1.001 {
			out = append(out, plot.Tick{Value: x.value, Label: x.label})
		}
	}
	return out
}

// line adds one server to a panel. Latencies stay within the panel.
func line(p *plot.Plot, server string, xys plotter.XYs) error {
	if len(xys) == 0 {
		return nil
	}
	for i := range xys {
		xys[i].Y = min(max(xys[i].Y, p.Y.Min), p.Y.Max)
	}
	l, err := plotter.NewLine(xys)
	if err != nil {
		return fmt.Errorf("drawing %s: %w", server, err)
	}
	s := styles[server]
	l.Color, l.Width, l.Dashes = s.color, s.width, s.dashes
	p.Add(l)
	label := server
	if server == "floor" {
		label = "the validation alone"
	}
	p.Legend.Add(label, l)
	return nil
}

// byPercentile draws the first load. The axis is logarithmic in what lies above
// a percentile, as HdrHistogram draws it.
func (r *report) byPercentile() (*plot.Plot, error) {
	m := r.Loads[0]
	p := newPlot(fmt.Sprintf("%d clients, %v of validation", m.Load.Clients, m.Load.Delay.median), "percentile of the requests")
	p.X.Min, p.X.Max = 1, 1000
	p.X.Tick.Marker = ticks{{1, "0"}, {2, "50 %"}, {10, "90 %"}, {100, "99 %"}, {1000, "99.9 %"}}
	for _, server := range drawn {
		f := m.of(server)
		if server == "floor" {
			f = m.Floor
		}
		if f == nil {
			continue
		}
		var xys plotter.XYs
		for _, pt := range f.Curve {
			if x := 100 / (100 - pt.Percentile); x <= p.X.Max && !math.IsInf(x, 0) {
				xys = append(xys, plotter.XY{X: x, Y: pt.Ms})
			}
		}
		if err := line(p, server, xys); err != nil {
			return nil, err
		}
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.YOffs = -vg.Points(75)
	p.Legend.XOffs = vg.Points(10)
	return p, nil
}

// byRate draws the median of the open loops.
func (r *report) byRate() (*plot.Plot, error) {
	p := newPlot("Half of them reads: the median by offered load", "requests a second")
	p.X.Min, p.X.Max = math.Inf(1), 0
	var marks ticks
	lines := make(map[string]plotter.XYs)
	for _, m := range r.Loads {
		if m.Load.Rate == 0 {
			continue
		}
		rate := m.Load.Rate
		p.X.Min, p.X.Max = min(p.X.Min, rate), max(p.X.Max, rate)
		marks = append(marks, ticks{{rate, fmt.Sprint(rate)}}...)
		for _, f := range append([]*figures{m.Floor}, m.Figures...) {
			lines[f.Server] = append(lines[f.Server], plotter.XY{X: rate, Y: f.Writes.P50})
		}
	}
	p.X.Tick.Marker = marks
	for _, server := range drawn {
		if err := line(p, server, lines[server]); err != nil {
			return nil, err
		}
	}
	p.Legend = plot.NewLegend() // the other panel has it
	return p, nil
}
