package main

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

// options is what the command line says.
type options struct {
	command string   // "" or the name of one of commands
	args    []string // what is not a flag and not the command

	write, list, json, sarif, tests bool
	all, unsure                     bool // what is shown besides
	hold                            bool // with all: rewrites also what a directive holds
	debug, gopls                    bool // of lsp
	fix, diff                       bool // as other analysers have them
	version                         bool
	interactive                     bool // go through the findings with the user
	try                             tryFlag
	context                         int // lines around a finding, with -l; -1 for none at all

	grade      safety.Grade   // the lowest that a run acts on
	shapes     []shapes.Shape // in the order in which they are offered
	requested  []string       // the names in -shape
	categories []string       // nil: those that are on by default
	tags, dir  string

	config                  string // project file, "" to look for one
	baseline, writeBaseline string // files
	newFrom                 string // a revision
	html                    string // a file
	at                      string // places of sections, with commas between them

	history  string   // "on" or "off"
	profiles []string // files
	minDelay minDelay // the zero value lets everything through
}

// commands are the words that may stand in place of the packages.
var commands = []struct{ name, doc string }{
	{"explain", "tell everything about the section at a line"},
	{"table", "add a function that waits to the project file"},
	{"lsp", "be a language server, for an editor"},
	{"mcp", "be a server of the Model Context Protocol, for a language model"},
	{"help", "print help on a topic"},
	{"completion", "print the completions for a shell"},
	{"version", "print the version"},
}

func commandNames() []string {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return names
}

// rawFlags is the text of the flags that have a list of allowed values.
type rawFlags struct{ shape, grade, category, profile string }

// newFlags declares the flags. Their texts are what "letgo help" prints.
func newFlags(o *options, raw *rawFlags) *flag.FlagSet {
	fs := flag.NewFlagSet("letgo", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.BoolVar(&o.write, "w", false, "write the rewrites to the files instead of printing a diff")
	fs.BoolVar(&o.interactive, "i", false, "go through the findings one by one, and write the rewrites that you accept")
	fs.Var(&o.try, "try", "run the tests of the changed packages, or a `command`, with the rewrites made, and keep only those that pass (see letgo help try)")
	fs.BoolVar(&o.list, "l", false, "only list the findings, on standard output; work out no rewrites")
	fs.BoolVar(&o.json, "json", false, "print one JSON object on standard output (see letgo help json)")
	fs.BoolVar(&o.sarif, "sarif", false, "print a SARIF 2.1.0 log on standard output")
	fs.BoolVar(&o.fix, "fix", false, "the same as -w")
	fs.BoolVar(&o.diff, "diff", false, "print the diff of what -w would write, and nothing else")
	fs.BoolVar(&o.diff, "d", false, "the same as -diff")
	fs.IntVar(&o.context, "c", -1, "with -l: show the line of each finding with this `number` of lines around it")
	fs.BoolVar(&o.all, "all", false, "also sections that look held on purpose")
	fs.BoolVar(&o.unsure, "unsure", false, "also sections that may be held on purpose and have no rewrite")
	fs.BoolVar(&o.hold, "hold", false, "with -all: rewrite also locks that a //letgo:hold or //nolint says are held on purpose")
	fs.BoolVar(&o.tests, "tests", false, "also test files")
	fs.StringVar(&raw.shape, "shape", "", "offer only these rewrites: `names`, separated by commas")
	fs.StringVar(&raw.grade, "grade", "", "lowest `grade` of a rewrite, safe or review (default review; with -w safe)")
	fs.StringVar(&raw.category, "category", "", "report only waits of these kinds: `names`, separated by commas")
	fs.StringVar(&o.tags, "tags", "", "build `tags`, as for the go command")
	fs.StringVar(&o.dir, "C", "", "work in this `directory`")
	fs.StringVar(&o.config, "config", "", "use this project `file` (see letgo help config) instead of looking for .letgo.yaml")
	fs.StringVar(&o.baseline, "baseline", "", "leave out the findings listed in this `file`")
	fs.StringVar(&o.writeBaseline, "write-baseline", "", "with -l: write the findings to this `file`, for -baseline")
	fs.StringVar(&o.newFrom, "new-from-rev", "", "only findings on lines that this git `revision` does not have")
	fs.StringVar(&o.html, "html", "", "write the findings to this `file`, as one page for a browser (see letgo help review)")
	fs.StringVar(&o.at, "at", "", "only the sections at these `places`, each FILE:LINE, separated by commas")
	fs.StringVar(&raw.profile, "profile", "", "sort by the delay in these mutex or block profiles or traces: `files`, separated by commas (see letgo help profile)")
	fs.Var(&o.minDelay, "min-delay", "with -profile: only findings with this `delay`, a share of all (1%) or a time (10ms)")
	fs.StringVar(&o.history, "history", "on", "ask git what commits say of the locks that are shown: `on or off` (see letgo help history)")
	fs.BoolVar(&o.version, "version", false, "print the version")
	fs.BoolVar(&o.debug, "debug", false, "with lsp: log times and memory on standard error")
	fs.BoolVar(&o.gopls, "gopls", false, "with lsp: start gopls, too, for editors that run one server (see letgo help editor)")
	return fs
}

// parseArgs parses the command line. The error is one line.
func parseArgs(args []string) (*options, error) {
	var raw rawFlags
	o := &options{}
	fs := newFlags(o, &raw)
	if err := parseMixed(fs, o, joinTry(args)); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return &options{command: "help"}, nil
		}
		return nil, flagError(fs, err)
	}
	switch command := mistyped(o.dir, o.args); {
	case o.version:
		o.command = "version"
	case len(o.args) > 0 && slices.Contains(commandNames(), o.args[0]):
		o.command, o.args = o.args[0], o.args[1:]
	case command != "":
		return nil, fmt.Errorf("unknown command %q: did you mean letgo %s? (a package in this directory is ./%s)", o.args[0], command, o.args[0])
	}
	if err := o.checkCombination(fs); err != nil {
		return nil, err
	}
	return o, o.setLists(raw)
}

// parseMixed parses flags wherever they stand, up to a "--".
func parseMixed(fs *flag.FlagSet, o *options, args []string) error {
	for {
		if err := fs.Parse(args); err != nil {
			return err
		}
		used := len(args) - fs.NArg()
		if used > 0 && args[used-1] == "--" {
			o.args = append(o.args, fs.Args()...)
			return nil
		}
		if fs.NArg() == 0 {
			return nil
		}
		o.args = append(o.args, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// A tryFlag is the flag -try, which may have a command.
type tryFlag struct {
	set     bool
	command string // "" for the default one
}

func (f *tryFlag) String() string { return f.command }

// Set implements [flag.Value]. The flag alone is "true".
func (f *tryFlag) Set(s string) error {
	f.set, f.command = true, s
	if s == "true" {
		f.command = ""
	}
	return nil
}

func (f *tryFlag) IsBoolFlag() bool { return true }

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

// flagError words an error of package flag.
func flagError(fs *flag.FlagSet, err error) error {
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
func (o *options) ignored() []string {
	nothing := []string{"w", "i", "try", "html", "at", "fix", "diff", "d", "c", "sarif", "new-from-rev", "l", "json", "all", "unsure", "hold", "grade", "shape", "category", "tests", "tags", "config", "baseline", "write-baseline", "debug", "gopls", "profile", "min-delay", "history"}
	if o.list {
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
	}[o.command]
}

// checkCombination rejects flags that do not go together.
func (o *options) checkCombination(fs *flag.FlagSet) error {
	o.fix = o.fix || o.diff
	o.write = o.write || o.fix && !o.diff
	if o.hold && !o.all {
		return errors.New("-hold goes with -all: without that, locks held on purpose are not shown at all")
	}
	given := make(map[string]bool)
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if given["c"] && o.context < 0 {
		return fmt.Errorf("-c=%d: want a number of lines, 0 or more", o.context)
	}
	if o.context >= 0 && (!o.list || o.json || o.sarif) {
		return errors.New("-c goes with -l, and without -json and -sarif")
	}
	if given["min-delay"] && !given["profile"] {
		return errors.New("-min-delay goes with -profile, which says what was waited")
	}
	if o.sarif && (o.json || o.write || o.writeBaseline != "") {
		return errors.New("-sarif goes without -json, -w, -fix and -write-baseline")
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	if o.write && o.list {
		return errors.New("-w and -l exclude each other: -l works out no rewrites")
	}
	if o.writeBaseline != "" && o.command == "" {
		switch {
		case !o.list || o.json:
			return errors.New("-write-baseline goes with -l, and without -json: letgo -l -write-baseline FILE")
		case o.baseline != "":
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
		case o.command == "" && (f.Name == "debug" || f.Name == "gopls"):
			err = fmt.Errorf("-%s goes with letgo lsp", f.Name)
		case o.list:
			err = fmt.Errorf("-l works out no rewrites: -%s means nothing with it", f.Name)
		default:
			err = fmt.Errorf("letgo %s takes no flag -%s", o.command, f.Name)
		}
	})
	return err
}

// checkOutput rejects ways to show the findings that exclude each other.
func (o *options) checkOutput() error {
	if o.interactive && (o.write || o.fix || o.list || o.json || o.sarif) {
		return errors.New("-i goes without -w, -l, -fix, -diff, -json and -sarif: it shows each diff and writes what you accept")
	}
	if o.html != "" && (o.write || o.fix || o.interactive || o.list || o.json || o.sarif) {
		return errors.New("-html goes without -w, -i, -l, -fix, -diff, -json and -sarif: it writes nothing but the page")
	}
	if o.try.set && (o.list || o.sarif) {
		return errors.New("-try goes without -l and -sarif: those work out no rewrites, or carry none out")
	}
	return nil
}

// setLists fills in the flags that allow certain values only.
func (o *options) setLists(raw rawFlags) error {
	o.shapes = shapes.All()
	if raw.shape != "" {
		names := strings.Split(raw.shape, ",")
		if err := checkNames("shape", names, shapeNames()); err != nil {
			return err
		}
		o.requested = names
		o.shapes = slices.DeleteFunc(o.shapes, func(s shapes.Shape) bool { return !slices.Contains(names, s.Name) })
	}
	if raw.category != "" {
		o.categories = strings.Split(raw.category, ",")
		if err := checkNames("category", o.categories, categoryNames()); err != nil {
			return err
		}
	}
	if raw.profile != "" {
		o.profiles = strings.Split(raw.profile, ",")
		if slices.Contains(o.profiles, "") {
			return fmt.Errorf("-profile=%s: a name is empty: want files, separated by commas", raw.profile)
		}
	}
	if err := checkNames("value of -history", []string{o.history}, []string{"on", "off"}); err != nil {
		return err
	}
	o.grade = safety.Review
	if o.write || o.fix {
		o.grade = safety.Safe
	}
	if raw.grade != "" {
		o.grade = safety.Grade(raw.grade)
		return checkNames("grade", []string{raw.grade}, []string{string(safety.Safe), string(safety.Review)})
	}
	return nil
}

// checkNames returns an error that names the allowed values if one of the
// names is none of them.
func checkNames(what string, names, allowed []string) error {
	for _, n := range names {
		if !slices.Contains(allowed, n) {
			return fmt.Errorf("unknown %s %q: want %s", what, n, orList(allowed))
		}
	}
	return nil
}

func shapeNames() []string {
	var names []string
	for _, s := range shapes.All() {
		names = append(names, s.Name)
	}
	return names
}

func categoryNames() []string {
	var names []string
	for _, c := range blocking.Categories() {
		names = append(names, c.Name)
	}
	return names
}

// A minDelay is the value of -min-delay: a share of all delay, or a time.
type minDelay struct {
	text  string
	share float64
	time  time.Duration
}

// String returns the text of the flag.
func (m *minDelay) String() string { return m.text }

// Set parses the flag.
func (m *minDelay) Set(text string) error {
	*m = minDelay{text: text}
	var err error
	if number, ok := strings.CutSuffix(text, "%"); ok {
		m.share, err = strconv.ParseFloat(number, 64)
		m.share /= 100
	} else {
		m.time, err = time.ParseDuration(text)
	}
	if err != nil || !(m.share >= 0 && m.share <= 1) || m.time < 0 {
		return fmt.Errorf("want a share of all delay, as in 1%%, or a time, as in 10ms")
	}
	return nil
}
