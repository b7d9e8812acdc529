package help

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// Shells are those that "letgo completion" knows.
var Shells = []string{"bash", "fish", "zsh"}

// Completion prints the completions for a shell.
func Completion(a *app.App, args []string) int {
	complete := map[string]func(io.Writer, *vocabulary){"bash": completeBash, "fish": completeFish, "zsh": completeZsh}
	if len(args) != 1 || complete[args[0]] == nil {
		return a.Fail("letgo completion takes the name of a shell: %s", app.OrList(Shells))
	}
	complete[args[0]](a.Stdout, newVocabulary())
	return app.ExitNone
}

// A vocabulary is what can be typed, taken from what "letgo help" prints.
type vocabulary struct {
	commands []word
	topics   []word
	flags    []flagWord
}

type word struct{ name, doc string }

// A flagWord is a flag with what may follow it.
type flagWord struct {
	word
	arg    string   // name of the value, "" for a switch
	values []string // allowed ones, with commas between them; nil for any
	kind   string   // "file", "dir" or ""
}

func newVocabulary() *vocabulary {
	v := &vocabulary{}
	for _, c := range app.Commands {
		v.commands = append(v.commands, word{c.Name, c.Doc})
	}
	for _, t := range Topics() {
		v.topics = append(v.topics, word{t.Name, t.doc})
	}
	values := map[string][]string{
		"shape": app.ShapeNames(), "category": app.CategoryNames(), "grade": {string(safety.Safe), string(safety.Review)},
	}
	kinds := map[string]string{"config": "file", "baseline": "file", "profile": "file", "write-baseline": "file", "html": "file", "at": "file", "C": "dir"}
	app.NewFlags(&app.Options{}, &app.RawFlags{}).VisitAll(func(f *flag.Flag) {
		arg, doc := flag.UnquoteUsage(f)
		v.flags = append(v.flags, flagWord{word{f.Name, doc}, arg, values[f.Name], kinds[f.Name]})
	})
	return v
}

// names joins the names of words.
func names(words []word) string {
	var list []string
	for _, w := range words {
		list = append(list, w.name)
	}
	return strings.Join(list, " ")
}

// withValue returns the flags of a kind as patterns of a case: "-shape|--shape".
func (v *vocabulary) withValue(is func(flagWord) bool) string {
	var list []string
	for _, f := range v.flags {
		if f.arg != "" && is(f) {
			list = append(list, "-"+f.name, "--"+f.name)
		}
	}
	return strings.Join(list, "|")
}

const bashHead = `# Completions of letgo for bash. In ~/.bashrc:
#
#	source <(letgo completion bash)
_letgo() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev= flag= i before
	((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}
	# -flag=value is three words.
	if [[ $cur == "=" ]]; then
		flag=$prev cur=
	elif [[ $prev == "=" ]]; then
		flag=${COMP_WORDS[COMP_CWORD - 2]}
	else
		flag=$prev
	fi
	COMPREPLY=()
	case $flag in
`

func completeBash(w io.Writer, v *vocabulary) {
	io.WriteString(w, bashHead)
	for _, f := range v.flags {
		if f.values != nil {
			fmt.Fprintf(w, "\t-%s | --%s)\n\t\tbefore=${cur%%\"${cur##*,}\"}\n", f.name, f.name)
			fmt.Fprintf(w, "\t\tmapfile -t COMPREPLY < <(compgen -P \"$before\" -W %s -- \"${cur##*,}\")\n\t\treturn\n\t\t;;\n", app.Quote(strings.Join(f.values, " ")))
		}
	}
	pattern := func(is func(flagWord) bool) string { return strings.ReplaceAll(v.withValue(is), "|", " | ") }
	fmt.Fprintf(w, "\t%s)\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\t\treturn\n\t\t;;\n", pattern(func(f flagWord) bool { return f.kind == "file" }))
	fmt.Fprintf(w, "\t%s)\n\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n\t\treturn\n\t\t;;\n", pattern(func(f flagWord) bool { return f.kind == "dir" }))
	fmt.Fprintf(w, "\t%s) return ;;\n\tesac\n", pattern(func(f flagWord) bool { return f.kind == "" && f.values == nil }))
	var flags []word
	for _, f := range v.flags {
		flags = append(flags, word{"-" + f.name, ""})
	}
	fmt.Fprintf(w, "\tif [[ $cur == -* ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W %s -- \"$cur\")\n\t\treturn\n\tfi\n", app.Quote(names(flags)))
	fmt.Fprintf(w, `	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		help)
			mapfile -t COMPREPLY < <(compgen -W %s -- "$cur")
			return
			;;
		completion)
			mapfile -t COMPREPLY < <(compgen -W %s -- "$cur")
			return
			;;
		explain)
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
			;;
		esac
	done
	mapfile -t COMPREPLY < <(
		((COMP_CWORD == 1)) && compgen -W %s -- "$cur"
		compgen -W ./... -- "$cur"
		compgen -d -- "$cur"
	)
}
complete -o filenames -F _letgo letgo
`, app.Quote(names(v.topics)), app.Quote(strings.Join(Shells, " ")), app.Quote(names(v.commands)))
}

func completeZsh(w io.Writer, v *vocabulary) {
	described := func(words []word) string {
		var b strings.Builder
		for _, c := range words {
			fmt.Fprintf(&b, "\t\t%s\n", app.Quote(strings.ReplaceAll(c.name, ":", `\:`)+":"+c.doc))
		}
		return b.String()
	}
	fmt.Fprint(w, `#compdef letgo
# Completions of letgo for zsh. In ~/.zshrc, after compinit:
#
#	source <(letgo completion zsh)
_letgo() {
	local -a commands topics
	local state line
`)
	fmt.Fprintf(w, "\tcommands=(\n%s\t)\n\ttopics=(\n%s\t)\n\t_arguments -S \\\n", described(v.commands), described(v.topics))
	for _, f := range v.flags {
		fmt.Fprintf(w, "\t\t%s \\\n", app.Quote(zshFlag(f)))
	}
	fmt.Fprintf(w, `		'1: :->first' '*: :->rest'
	case $state in
	first)
		_describe command commands
		compadd ./...
		_files -/
		;;
	rest)
		case ${words[(r)help]}${words[(r)completion]}${words[(r)explain]} in
		help) _describe topic topics ;;
		completion) compadd %s ;;
		explain) _files ;;
		*) compadd ./...; _files -/ ;;
		esac
		;;
	esac
}
if [[ $funcstack[1] == _letgo ]]; then
	_letgo "$@"
else
	compdef _letgo letgo
fi
`, strings.Join(Shells, " "))
}

// zshFlag returns the specification of a flag for _arguments: a colon ends a part of
// it, and brackets enclose a description.
func zshFlag(f flagWord) string {
	text := "-" + f.name
	if f.arg != "" {
		text += "="
	}
	text += "[" + strings.NewReplacer(`\`, `\\`, ":", `\:`, "[", `\[`, "]", `\]`).Replace(f.doc) + "]"
	switch {
	case f.values != nil:
		text += fmt.Sprintf(":%s:_values -s , %s %s", f.arg, f.arg, strings.Join(f.values, " "))
	case f.kind == "file":
		text += ":" + f.arg + ":_files"
	case f.kind == "dir":
		text += ":" + f.arg + ":_files -/"
	case f.arg != "":
		text += ":" + f.arg + ":"
	}
	return text
}

func completeFish(w io.Writer, v *vocabulary) {
	fmt.Fprint(w, "# Completions of letgo for fish, to be saved as ~/.config/fish/completions/letgo.fish.\n")
	fish := func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
	}
	fmt.Fprint(w, "complete -c letgo -a '(__fish_complete_directories) ./...' -f\n")
	for _, c := range v.commands {
		fmt.Fprintf(w, "complete -c letgo -n __fish_use_subcommand -a %s -d %s\n", c.name, fish(c.doc))
	}
	for _, t := range v.topics {
		fmt.Fprintf(w, "complete -c letgo -n '__fish_seen_subcommand_from help' -a %s -d %s\n", t.name, fish(t.doc))
	}
	fmt.Fprintf(w, "complete -c letgo -n '__fish_seen_subcommand_from completion' -a %s\n", fish(strings.Join(Shells, " ")))
	fmt.Fprint(w, "complete -c letgo -n '__fish_seen_subcommand_from explain' -F\n")
	for _, f := range v.flags {
		text := "complete -c letgo -o " + f.name
		switch {
		case f.values != nil:
			text += " -x -a " + fish(strings.Join(f.values, " "))
		case f.kind == "file":
			text += " -r -F"
		case f.kind == "dir":
			text += " -x -a '(__fish_complete_directories)'"
		case f.arg != "":
			text += " -x"
		}
		fmt.Fprintf(w, "%s -d %s\n", text, fish(f.doc))
	}
}
