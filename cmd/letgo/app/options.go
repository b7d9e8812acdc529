package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// Options holds the command line.
type Options struct {
	Command string   // "" or the name of one of commands
	HelpOn  string   // with the command help: the command that -h follows, or ""
	Args    []string // what is not a flag and not the command

	Write, List, JSON, SARIF, Tests bool
	All, Unsure                     bool // what is shown besides
	Hold                            bool // with all: rewrites also what a directive holds
	Debug, Gopls                    bool // of lsp
	Fix, Diff                       bool // as other analysers have them
	version                         bool
	Interactive                     bool // go through the findings with the user
	Try                             TryFlag
	Context                         int // lines around a finding, with -l; -1 for none at all

	Grade      safety.Grade   // the lowest that a run acts on
	Shapes     []shapes.Shape // in the order in which they are offered
	Requested  []string       // the names in -shape
	Categories []string       // nil: those that are on by default
	Tags, Dir  string

	Config                  string // project file, "" to look for one
	Baseline, WriteBaseline string // files
	NewFrom                 string // a revision
	HTML                    string // a file
	At                      string // places of sections, with commas between them

	History  string   // "on" or "off"
	Profiles []string // files
	MinDelay MinDelay // the zero value lets everything through

	again [][]string // flags for [Options.Again]
}

// Commands are the words that may stand in place of the packages.
var Commands = []struct{ Name, Doc string }{
	{"explain", "tell everything about the section at a line"},
	{"table", "add a function that waits to the project file"},
	{"lsp", "be a language server, for an editor"},
	{"mcp", "be a server of the Model Context Protocol, for a language model"},
	{"help", "print help on a topic"},
	{"completion", "print the completions for a shell"},
	{"version", "print the version"},
}

func CommandNames() []string {
	var names []string
	for _, c := range Commands {
		names = append(names, c.Name)
	}
	return names
}

// RawFlags is the text of the flags that have a list of allowed values.
type RawFlags struct{ shape, Grade, category, profile string }

// NewFlags declares the flags. Their texts are what "letgo help" prints.
func NewFlags(o *Options, raw *RawFlags) *flag.FlagSet {
	fs := flag.NewFlagSet("letgo", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.BoolVar(&o.Write, "w", false, "write the rewrites to the files instead of printing a diff")
	fs.BoolVar(&o.Interactive, "i", false, "go through the findings one by one, and write the rewrites that you accept")
	fs.Var(&o.Try, "try", "run the tests of the changed packages, or a `command`, with the rewrites applied, and keep only those that pass (see letgo help try)")
	fs.BoolVar(&o.List, "l", false, "only list the findings, on standard output; work out no rewrites")
	fs.BoolVar(&o.JSON, "json", false, "print one JSON object on standard output (see letgo help json)")
	fs.BoolVar(&o.SARIF, "sarif", false, "print a SARIF 2.1.0 log on standard output")
	fs.BoolVar(&o.Fix, "fix", false, "the same as -w")
	fs.BoolVar(&o.Diff, "diff", false, "print the diff of what -w would write, and nothing else")
	fs.BoolVar(&o.Diff, "d", false, "the same as -diff")
	fs.IntVar(&o.Context, "c", -1, "with -l: show the line of each finding with this `number` of lines around it")
	fs.BoolVar(&o.All, "all", false, "also sections that look held on purpose")
	fs.BoolVar(&o.Unsure, "unsure", false, "also sections that may be held on purpose and have no rewrite")
	fs.BoolVar(&o.Hold, "hold", false, "with -all: rewrite also locks that a //letgo:hold or //nolint says are held on purpose")
	fs.BoolVar(&o.Tests, "tests", false, "also test files")
	fs.StringVar(&raw.shape, "shape", "", "offer only these rewrites: `names`, separated by commas")
	fs.StringVar(&raw.Grade, "grade", "", "lowest `grade` of a rewrite, safe or review (default review; with -w safe)")
	fs.StringVar(&raw.category, "category", "", "report only waits of these kinds: `names`, separated by commas")
	fs.StringVar(&o.Tags, "tags", "", "build `tags`, as for the go command")
	fs.StringVar(&o.Dir, "C", "", "work in this `directory`")
	fs.StringVar(&o.Config, "config", "", "use this project `file` (see letgo help config) instead of looking for .letgo.yaml")
	fs.StringVar(&o.Baseline, "baseline", "", "leave out the findings listed in this `file`")
	fs.StringVar(&o.WriteBaseline, "write-baseline", "", "with -l: write the findings to this `file`, for -baseline")
	fs.StringVar(&o.NewFrom, "new-from-rev", "", "only findings on lines that this git `revision` does not have")
	fs.StringVar(&o.HTML, "html", "", "write the findings to this `file`, as one page for a browser (see letgo help review)")
	fs.StringVar(&o.At, "at", "", "only the sections at these `places`, each FILE:LINE, separated by commas")
	fs.StringVar(&raw.profile, "profile", "", "sort by the delay in these mutex or block profiles or traces: `files`, separated by commas (see letgo help profile)")
	fs.Var(&o.MinDelay, "min-delay", "with -profile: only findings with this `delay`, a share of all (1%) or a time (10ms)")
	fs.StringVar(&o.History, "history", "on", "ask git what commits say about the locks that are shown: `on or off` (see letgo help history)")
	fs.BoolVar(&o.version, "version", false, "print the version")
	fs.BoolVar(&o.Debug, "debug", false, "with lsp: log times and memory on standard error")
	fs.BoolVar(&o.Gopls, "gopls", false, "with lsp: start gopls, too, for editors that run one server (see letgo help editor)")
	return fs
}

// ParseArgs parses the command line. The error is one line.
func ParseArgs(args []string) (*Options, error) {
	var raw RawFlags
	o := &Options{}
	fs := NewFlags(o, &raw)
	if err := parseMixed(fs, o, joinTry(args)); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help := &Options{Command: "help"}
			if len(o.Args) > 0 && o.Args[0] != "help" && slices.Contains(CommandNames(), o.Args[0]) {
				help.HelpOn = o.Args[0]
			}
			return help, nil
		}
		return nil, FlagError(fs, err)
	}
	switch command := mistyped(o.Dir, o.Args); {
	case o.version:
		o.Command = "version"
	case len(o.Args) > 0 && slices.Contains(CommandNames(), o.Args[0]):
		o.Command, o.Args = o.Args[0], o.Args[1:]
	case command != "":
		return nil, fmt.Errorf("unknown command %q: did you mean letgo %s? (a package in this directory is ./%s)", o.Args[0], command, o.Args[0])
	}
	if err := o.checkCombination(fs); err != nil {
		return nil, err
	}
	o.repeat(fs)
	return o, o.SetLists(raw)
}

// parseMixed parses flags wherever they stand, up to a "--".
func parseMixed(fs *flag.FlagSet, o *Options, args []string) error {
	for {
		if err := fs.Parse(args); err != nil {
			return err
		}
		used := len(args) - fs.NArg()
		if used > 0 && args[used-1] == "--" {
			o.Args = append(o.Args, fs.Args()...)
			return nil
		}
		if fs.NArg() == 0 {
			return nil
		}
		o.Args = append(o.Args, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// A TryFlag is the flag -try, which may have a command.
type TryFlag struct {
	Given   bool
	Command string // "" for the default one
}

func (f *TryFlag) String() string { return f.Command }

// Set implements [flag.Value]. The flag alone is "true".
func (f *TryFlag) Set(s string) error {
	f.Given, f.Command = true, s
	if s == "true" {
		f.Command = ""
	}
	return nil
}

func (f *TryFlag) IsBoolFlag() bool { return true }

// joinTry makes -try and the command after it one argument. What has a space in it is
// a command, and not the name of a package.
func joinTry(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(out, args[i:]...)
		}
		out = append(out, args[i])
		if (args[i] == "-try" || args[i] == "--try") && i+1 < len(args) && strings.Contains(args[i+1], " ") {
			out[len(out)-1] = "-try=" + args[i+1]
			i++
		}
	}
	return out
}

// FlagError rewords an error of package flag.
func FlagError(fs *flag.FlagSet, err error) error {
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
		var names []string
		fs.VisitAll(func(f *flag.Flag) { names = append(names, "-"+f.Name) })
		if n := meant(name, names); n != "" {
			return fmt.Errorf("unknown flag %s: did you mean %s? (letgo help lists the flags)", name, n)
		}
		return fmt.Errorf("unknown flag %s; the flags are %s", name, strings.Join(names, ", "))
	}
	return fmt.Errorf("%v; letgo help describes the flags", err)
}

// ignored lists the flags that mean nothing to the command.
func (o *Options) ignored() []string {
	nothing := []string{"w", "i", "try", "html", "at", "fix", "diff", "d", "c", "sarif", "new-from-rev", "l", "json", "all", "unsure", "hold", "grade", "shape", "category", "tests", "tags", "config", "baseline", "write-baseline", "debug", "gopls", "profile", "min-delay", "history"}
	if o.List {
		return []string{"history", "unsure", "hold", "grade", "shape", "debug", "gopls", "fix", "diff", "d"}
	}
	return map[string][]string{
		"explain":    {"w", "i", "try", "html", "at", "fix", "diff", "d", "c", "sarif", "new-from-rev", "l", "all", "unsure", "hold", "grade", "baseline", "write-baseline", "debug", "gopls", "min-delay"},
		"lsp":        slices.DeleteFunc(slices.Clone(nothing), func(name string) bool { return name == "debug" || name == "gopls" }),
		"mcp":        slices.DeleteFunc(slices.Clone(nothing), func(name string) bool { return name == "w" }),
		"table":      slices.DeleteFunc(slices.Clone(nothing), func(name string) bool { return name == "config" }),
		"help":       nothing,
		"version":    nothing,
		"completion": nothing,
		"":           {"debug", "gopls"},
	}[o.Command]
}

// IgnoredBy returns the names of the flags that a command ignores.
func IgnoredBy(command string) []string { return (&Options{Command: command}).ignored() }

// checkCombination rejects flags that do not go together.
func (o *Options) checkCombination(fs *flag.FlagSet) error {
	o.Fix = o.Fix || o.Diff
	o.Write = o.Write || o.Fix && !o.Diff
	if o.Hold && !o.All {
		return errors.New("-hold goes with -all: without that, locks held on purpose are not shown at all")
	}
	given := make(map[string]bool)
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if given["c"] && o.Context < 0 {
		return fmt.Errorf("-c=%d: want a number of lines, 0 or more", o.Context)
	}
	if o.Context >= 0 && (!o.List || o.JSON || o.SARIF) {
		return errors.New("-c goes with -l, and without -json and -sarif")
	}
	if given["min-delay"] && !given["profile"] {
		return errors.New("-min-delay goes with -profile, which says what was waited")
	}
	if o.SARIF && (o.JSON || o.Write || o.WriteBaseline != "") {
		return errors.New("-sarif goes without -json, -w, -fix and -write-baseline")
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	if o.Write && o.List {
		return errors.New("-w and -l exclude each other: -l works out no rewrites")
	}
	if o.WriteBaseline != "" && o.Command == "" {
		switch {
		case !o.List || o.JSON:
			return errors.New("-write-baseline goes with -l, and without -json: letgo -l -write-baseline FILE")
		case o.Baseline != "":
			return errors.New("-baseline and -write-baseline exclude each other: a new baseline has all findings")
		}
	}
	ignored := o.ignored()
	var err error
	fs.Visit(func(f *flag.Flag) {
		if !slices.Contains(ignored, f.Name) {
			return
		}
		switch {
		case o.Command == "" && (f.Name == "debug" || f.Name == "gopls"):
			err = fmt.Errorf("-%s goes with letgo lsp", f.Name)
		case o.List:
			err = fmt.Errorf("-l works out no rewrites: -%s means nothing with it", f.Name)
		default:
			err = fmt.Errorf("letgo %s takes no flag -%s", o.Command, f.Name)
		}
	})
	return err
}

// checkOutput rejects ways to show the findings that exclude each other.
func (o *Options) checkOutput() error {
	if o.Interactive && (o.Write || o.Fix || o.List || o.JSON || o.SARIF) {
		return errors.New("-i goes without -w, -l, -fix, -diff, -json and -sarif: it shows each diff and writes what you accept")
	}
	if o.HTML != "" && (o.Write || o.Fix || o.Interactive || o.List || o.JSON || o.SARIF) {
		return errors.New("-html goes without -w, -i, -l, -fix, -diff, -json and -sarif: it writes nothing but the page")
	}
	if o.Try.Given && (o.List || o.SARIF) {
		return errors.New("-try goes without -l and -sarif: those work out no rewrites, or carry none out")
	}
	return nil
}

// SetLists fills in the flags that allow certain values only.
func (o *Options) SetLists(raw RawFlags) error {
	o.Shapes = shapes.All()
	if raw.shape != "" {
		names := strings.Split(raw.shape, ",")
		if err := checkNames("shape", names, ShapeNames()); err != nil {
			return err
		}
		o.Requested = names
		o.Shapes = slices.DeleteFunc(o.Shapes, func(s shapes.Shape) bool { return !slices.Contains(names, s.Name) })
	}
	if raw.category != "" {
		o.Categories = strings.Split(raw.category, ",")
		if err := checkNames("category", o.Categories, CategoryNames()); err != nil {
			return err
		}
	}
	if raw.profile != "" {
		o.Profiles = strings.Split(raw.profile, ",")
		if slices.Contains(o.Profiles, "") {
			return fmt.Errorf("-profile=%s: a name is empty: want files, separated by commas", raw.profile)
		}
	}
	if err := checkNames("value of -history", []string{o.History}, []string{"on", "off"}); err != nil {
		return err
	}
	o.Grade = safety.Review
	if o.Write || o.Fix {
		o.Grade = safety.Safe
	}
	if raw.Grade != "" {
		o.Grade = safety.Grade(raw.Grade)
		return checkNames("grade", []string{raw.Grade}, []string{string(safety.Safe), string(safety.Review)})
	}
	return nil
}

// checkNames returns an error that names the allowed values if one of the
// names is none of them.
func checkNames(what string, names, allowed []string) error {
	for _, n := range names {
		if !slices.Contains(allowed, n) {
			return fmt.Errorf("unknown %s %q: want %s", what, n, OrList(allowed))
		}
	}
	return nil
}

func ShapeNames() []string {
	var names []string
	for _, s := range shapes.All() {
		names = append(names, s.Name)
	}
	return names
}

func CategoryNames() []string {
	var names []string
	for _, c := range blocking.Categories() {
		names = append(names, c.Name)
	}
	return names
}

// A MinDelay is the value of -min-delay: a share of all delay, or a time.
type MinDelay struct {
	Text  string
	Share float64
	Time  time.Duration
}

// String returns the text of the flag.
func (m *MinDelay) String() string { return m.Text }

// Set parses the flag.
func (m *MinDelay) Set(text string) error {
	*m = MinDelay{Text: text}
	var err error
	if number, ok := strings.CutSuffix(text, "%"); ok {
		m.Share, err = strconv.ParseFloat(number, 64)
		m.Share /= 100
	} else {
		m.Time, err = time.ParseDuration(text)
	}
	if err != nil || !(m.Share >= 0 && m.Share <= 1) || m.Time < 0 {
		return fmt.Errorf("want a share of all delay, as in 1%%, or a time, as in 10ms")
	}
	return nil
}
