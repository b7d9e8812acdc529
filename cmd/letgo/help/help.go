// Package help has the texts of "letgo help", the manual page and the completions of
// shells.
package help

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/schema"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

var (
	//go:embed usage.txt
	UsageText string
	//go:embed directives.txt
	DirectivesText string
	//go:embed config.txt
	ConfigText string
	//go:embed editor.txt
	editorText string
	//go:embed rust.txt
	rustText string
	//go:embed exit.txt
	exitText string
	//go:embed json.txt
	JsonText string
	//go:embed drivers.txt
	driversText string
	//go:embed review.txt
	reviewText string
	//go:embed try.txt
	tryText string
	//go:embed mcp.txt
	mcpText string
	//go:embed ci.txt
	ciText string
	//go:embed history.txt
	historyText string
	//go:embed profile.txt
	profileText string
	//go:embed trust.txt
	trustText string
	//go:embed monorepo.txt
	monorepoText string
)

// A Topic is something that "letgo help" can tell about.
type Topic struct {
	Name, doc string
	print     func(io.Writer)
}

// Topics lists what "letgo help" knows, in the order in which it is printed.
func Topics() []Topic {
	text := func(s string) func(io.Writer) {
		return func(w io.Writer) { io.WriteString(w, s) }
	}
	return []Topic{
		{"shapes", "the rewrites", helpShapes},
		{"conditions", "what a rewrite must prove", helpConditions},
		{"rules", "why a rewrite is not offered, and what would make it possible", helpRules},
		{"categories", "the kinds of waits", helpCategories},
		{"directives", "comments that tell letgo about the code", text(DirectivesText)},
		{"config", "the project file .letgo.yaml, and baselines", text(ConfigText)},
		{"review", "going through findings in the terminal, or on a page for a browser", text(reviewText)},
		{"try", "running tests with the rewrites made, before they are written", text(tryText)},
		{"editor", "the language server", text(editorText)},
		{"mcp", "letgo as tools for a language model", text(mcpText)},
		{"rust", "what notions of Rust are in Go", text(rustText)},
		{"profile", "what goroutines waited: mutex and block profiles, traces", text(profileText)},
		{"history", "what commits say of a lock", text(historyText)},
		{"drivers", "go vet, go fix, golangci-lint, Bazel and others", text(driversText)},
		{"ci", "continuous integration: SARIF, new findings only, GitHub, pre-commit", text(ciText)},
		{"monorepo", "large repositories, shared caches, many repositories", text(monorepoText)},
		{"trust", "what letgo runs, reads and writes in a repository that may be hostile", text(trustText)},
		{"exit", "the exit statuses, and what -w does on an error", text(exitText)},
		{"json", "the output of -json", text(JsonText)},
		{SchemaTopic, "a JSON schema of that output: letgo help schema >letgo.schema.json", text(schema.V1)},
		{ManTopic, "all of this as a manual page: letgo help man >letgo.1", helpMan},
	}
}

// SchemaTopic is the topic that is for programs only.
const SchemaTopic = "schema"

// Print prints a topic, or how to use the command.
func Print(a *app.App, args []string) int {
	if len(args) == 0 {
		usage(a)
		return app.ExitNone
	}
	var names []string
	for _, t := range Topics() {
		names = append(names, t.Name)
		if t.Name == args[0] && len(args) == 1 {
			t.print(a.Stdout)
			return app.ExitNone
		}
	}
	if c := safety.Condition(args[0]); c.Order() >= 0 && len(args) == 1 {
		helpCondition(a.Stdout, c)
		return app.ExitNone
	}
	if len(args) == 1 && slices.Contains(app.CommandNames(), args[0]) {
		return Command(a, args[0])
	}
	return a.Fail("no help on %q: the topics are %s", strings.Join(args, " "), strings.Join(names, ", "))
}

// usage prints how to use the command.
func usage(a *app.App) {
	io.WriteString(a.Stdout, UsageText)
	printFlags(a, nil)
	fmt.Fprint(a.Stdout, "\nHelp topics:\n\n")
	for _, t := range Topics() {
		fmt.Fprintf(a.Stdout, "    %-20s %s\n", t.Name, t.doc)
	}
}

// printFlags lists the flags, but for those that are ignored.
func printFlags(a *app.App, ignored []string) {
	fmt.Fprint(a.Stdout, "\nFlags, anywhere on the command line:\n\n")
	app.NewFlags(&app.Options{}, &app.RawFlags{}).VisitAll(func(f *flag.Flag) {
		if slices.Contains(ignored, f.Name) {
			return
		}
		arg, doc := flag.UnquoteUsage(f)
		fmt.Fprintf(a.Stdout, "    %-20s %s\n", strings.TrimSpace("-"+f.Name+" "+arg), doc)
	})
}

// topicOf names the help topic on a command.
var topicOf = map[string]string{"lsp": "editor", "mcp": "mcp", "table": "config"}

// Command prints how to use one command: its lines of the usage, and its flags.
func Command(a *app.App, name string) int {
	_, rest, _ := strings.Cut(UsageText, "    letgo "+name)
	end := strings.Index(rest, "\n    letgo ")
	if blank := strings.Index(rest, "\n\n"); end < 0 || blank >= 0 && blank < end {
		end = blank
	}
	fmt.Fprintf(a.Stdout, "    letgo %s%s\n", name, rest[:end])
	printFlags(a, append(app.IgnoredBy(name), "version"))
	if topic := topicOf[name]; topic != "" {
		fmt.Fprintf(a.Stdout, "\nletgo help %s has more.\n", topic)
	}
	return app.ExitNone
}

func helpShapes(w io.Writer) {
	fmt.Fprint(w, "The rewrites, in the order in which they are offered. -shape narrows them.\n\n")
	for _, s := range shapes.All() {
		fmt.Fprintf(w, "    %-12s %s\n", s.Name, s.Doc)
	}
	fmt.Fprint(w, "\nTried besides, for each of them, and taken if fewer questions are left:\n\n")
	for _, r := range shapes.Repairs() {
		fmt.Fprintf(w, "    %-12s %s\n", r.Name, r.Doc)
	}
}

func helpConditions(w io.Writer) {
	fmt.Fprint(w, "What a rewrite must prove. One that breaks a condition is not offered. If all\n"+
		"conditions are proved, its grade is safe; if some are left to you to check, its\n"+
		"grade is review, and each is a question for which yes means that the rewrite is\n"+
		"right. \"The wait\" is all that runs between the unlock and the next lock.\n\n")
	for _, c := range safety.Conditions() {
		fmt.Fprintf(w, "    %-4s %-22s %s\n", c, c.Title(), c.Doc())
	}
	fmt.Fprint(w, "\n\"letgo help S4\" says more of one, and who broke it.\n")
}

// helpCondition prints all that is known of one condition.
func helpCondition(w io.Writer, c safety.Condition) {
	fmt.Fprintf(w, "%s %s: %s\n\n%s\n", c, c.Title(), c.Doc(), c.Prose())
	if len(c.Rules()) > 0 {
		fmt.Fprint(w, "\nWhy a rewrite is not offered, and what would make it possible\n")
	}
	for _, r := range c.Rules() {
		printRule(w, r)
	}
}

func printRule(w io.Writer, r safety.Rule) {
	fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("    %-26s %s", r.Name, r.Advice), " "))
}

func helpRules(w io.Writer) {
	fmt.Fprint(w, "Why a rewrite is not offered, and what would make it possible. A rule is a condition\n"+
		"(letgo help conditions) and the way in which it would be broken.\n")
	for _, c := range safety.Conditions() {
		if len(c.Rules()) > 0 {
			fmt.Fprintf(w, "\n%s: %s\n", c, c.Doc())
		}
		for _, r := range c.Rules() {
			printRule(w, r)
		}
	}
}

func helpCategories(w io.Writer) {
	fmt.Fprint(w, "The kinds of waits, those first whose findings are most worth reading. -category\n"+
		"narrows them, and brings in those that are off by default.\n\n")
	for _, c := range blocking.Categories() {
		doc := c.Doc
		if !c.Default {
			doc += " (off by default)"
		}
		fmt.Fprintf(w, "    %-10s %s\n", c.Name, doc)
	}
}

// Version prints the version of the command.
func Version(a *app.App) int {
	if len(a.Opts.Args) > 0 {
		return a.Fail("letgo version takes no arguments")
	}
	fmt.Fprintf(a.Stdout, "letgo %s %s %s/%s\n", BuildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return app.ExitNone
}

// BuildVersion returns the version of this program, as far as it is known.
func BuildVersion() string {
	version, extra := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && version == "(devel)" {
				extra = " " + s.Value
			}
		}
	}
	return version + extra
}
