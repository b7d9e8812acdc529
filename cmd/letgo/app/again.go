package app

import (
	"flag"
	"regexp"
	"slices"
	"strings"
)

// repeated are the flags that decide what a run looks at. A command that is printed for
// the user to type has them too, or it would look at something else.
var repeated = []string{"C", "all", "at", "baseline", "category", "config", "history", "hold", "min-delay", "new-from-rev", "profile", "shape", "tags", "tests"}

// repeat keeps those of the flags that were given.
func (o *Options) repeat(fs *flag.FlagSet) {
	fs.Visit(func(f *flag.Flag) {
		switch b, ok := f.Value.(interface{ IsBoolFlag() bool }); {
		case !slices.Contains(repeated, f.Name):
		case ok && b.IsBoolFlag():
			o.again = append(o.again, []string{"-" + f.Name})
		case f.Name == "C": // written like this everywhere
			o.again = append(o.again, []string{"-C", f.Value.String()})
		default:
			o.again = append(o.again, []string{"-" + f.Name + "=" + f.Value.String()})
		}
	})
}

// Again is the command line of a command, or of a run if that is "", that looks at the
// same as this run. A flag among the arguments, "-shape=hoist", stands for the one given.
func (o *Options) Again(command string, args ...string) string {
	words := []string{"letgo"}
	ignored := IgnoredBy(command)
	for _, again := range o.again {
		name, _, _ := strings.Cut(again[0], "=")
		given := func(arg string) bool { return strings.HasPrefix(arg, name+"=") }
		if !slices.Contains(ignored, name[1:]) && !slices.ContainsFunc(args, given) {
			words = append(words, again...)
		}
	}
	if command != "" {
		words = append(words, command)
	}
	return ShellWords(append(words, args...)...)
}

var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// ShellWords is a command line, with words quoted for a shell where that is needed.
func ShellWords(words ...string) string {
	out := slices.Clone(words)
	for i, w := range out {
		if !plainWord.MatchString(w) {
			out[i] = Quote(w)
		}
	}
	return strings.Join(out, " ")
}

// Quote quotes a text for a shell.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
