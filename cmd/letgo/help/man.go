package help

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
)

// helpMan writes a manual page, in the macros of man(7), of what the other topics
// say.
func helpMan(w io.Writer) {
	about, rest, _ := strings.Cut(UsageText, "\n\n")
	fmt.Fprintf(w, ".TH LETGO 1 \"\" %s \"User Commands\"\n", roffQuote("letgo "+BuildVersion()))
	fmt.Fprint(w, ".SH NAME\nletgo \\- find locks that are held while the code waits, and release them\n")
	fmt.Fprintf(w, ".SH DESCRIPTION\n%s\n", Roff(about))
	fmt.Fprintf(w, ".SH COMMANDS\n.nf\n%s\n.fi\n.SH OPTIONS\nFlags may be anywhere on the command line.\n", Roff(rest))
	app.NewFlags(&app.Options{}, &app.RawFlags{}).VisitAll(func(f *flag.Flag) {
		arg, doc := flag.UnquoteUsage(f)
		fmt.Fprintf(w, ".TP\n.B \\-%s", Roff(f.Name))
		if arg != "" {
			fmt.Fprintf(w, " \\fI%s\\fP", Roff(arg))
		}
		fmt.Fprintf(w, "\n%s\n", Roff(doc))
	})
	for _, t := range Topics() {
		if t.Name == ManTopic || t.Name == SchemaTopic {
			continue
		}
		var text bytes.Buffer
		t.print(&text)
		fmt.Fprintf(w, ".SH %s\n.nf\n%s\n.fi\n", roffQuote(strings.ToUpper(t.Name)), Roff(strings.TrimRight(text.String(), "\n")))
	}
}

const ManTopic = "man"

// Roff escapes a text: backslashes and hyphens, and characters that would be a request
// at the beginning of a line.
func Roff(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			b.WriteString(`\&`)
		}
		b.WriteString(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line))
	}
	return b.String()
}

func roffQuote(s string) string { return `"` + strings.ReplaceAll(Roff(s), `"`, `\(dq`) + `"` }
