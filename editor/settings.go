package editor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/letgo-dev/letgo/editor/protocol"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/profile"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// settings is what the client's settings say: what a project file may say, and
// with what to load.
type settings struct {
	file  *config.File // or nil
	tags  string       // build tags, as for the go command
	tests bool         // test files, too
	raw   string

	profiles []string // files with profiles or traces, relative to the root of the module
}

// parseSettings parses the settings, an object of JSON, which is also one of
// YAML. The error says all that is wrong.
func parseSettings(raw []byte) (settings, error) {
	var s settings
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return s, fmt.Errorf("the settings of letgo are not an object: %w", err)
	}
	for key, into := range map[string]any{"tags": &s.tags, "tests": &s.tests} {
		if v, ok := all[key]; ok {
			if err := json.Unmarshal(v, into); err != nil {
				return s, fmt.Errorf("the setting letgo.%s: %w", key, err)
			}
			delete(all, key)
		}
	}
	if v, ok := all["profile"]; ok {
		var err error
		if s.profiles, err = oneOrMore(v); err != nil {
			return s, fmt.Errorf("the setting letgo.profile is neither the name of a file nor a list of names: %w", err)
		}
		delete(all, "profile")
	}
	text, err := projectFile(all)
	if err != nil {
		return s, err
	}
	s.raw = string(raw)
	s.file, err = config.Parse("settings", text)
	return s, err
}

// oneOrMore reads a list of names, or one name; null and "" are none.
func oneOrMore(value json.RawMessage) ([]string, error) {
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return list, nil
	}
	var one string
	if err := json.Unmarshal(value, &one); err != nil || one == "" {
		return nil, err
	}
	return []string{one}, nil
}

// projectFile writes settings as a project file. The values are JSON, which is
// YAML, too, but for the lines of the table: they may be one string or several.
func projectFile(all map[string]json.RawMessage) ([]byte, error) {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		value := all[key]
		if key != "table" || string(value) == "null" {
			fmt.Fprintf(&b, "%q: %s\n", key, value)
			continue
		}
		var lines []string
		var text string
		if json.Unmarshal(value, &lines) == nil {
			text = strings.Join(lines, "\n")
		} else if err := json.Unmarshal(value, &text); err != nil {
			return nil, fmt.Errorf("the setting letgo.table is neither a text nor a list of lines: %w", err)
		}
		b.WriteString("table: |\n")
		for line := range strings.Lines(text) {
			b.WriteString("  " + strings.TrimRight(line, "\r\n") + "\n")
		}
	}
	return []byte(b.String()), nil
}

// setSettings replaces the settings; those that are wrong say nothing. The
// caller holds s.mu.
func (s *server) setSettings(raw []byte) {
	if s.settings.raw == string(raw) {
		return
	}
	set, err := parseSettings(raw)
	set.raw = string(raw)
	if err != nil {
		set.file = nil
		go s.tell(err)
	}
	s.settings = set
	s.dropViews()
}

func (s *server) currentSettings() settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

func (s *server) testsToo() bool { return s.currentSettings().tests }

// configure asks the client for the settings.
func (s *server) configure() {
	if !s.client.configuration {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	var answer []json.RawMessage
	params := &protocol.ConfigurationParams{Items: []protocol.ConfigurationItem{{Section: "letgo"}}}
	if err := s.ask(ctx, "workspace/configuration", params, &answer); err != nil {
		s.debugf("workspace/configuration: %v", err)
		return
	}
	if len(answer) > 0 && len(answer[0]) > 0 && string(answer[0]) != "null" {
		s.mu.Lock()
		s.setSettings(answer[0])
		s.mu.Unlock()
	}
}

func (s *server) didChangeConfiguration(_ context.Context, p *protocol.DidChangeConfigurationParams) error {
	if s.client.configuration {
		go s.configure()
		return nil
	}
	var all struct {
		Letgo json.RawMessage `json:"letgo"`
	}
	if json.Unmarshal(p.Settings, &all) == nil && len(all.Letgo) > 0 && string(all.Letgo) != "null" {
		s.mu.Lock()
		s.setSettings(all.Letgo)
		s.mu.Unlock()
	}
	return nil
}

// A project is what the project files and the settings say about the packages
// of a view.
type project struct {
	table    *blocking.Table
	files    map[string]*config.File // by the directory of the package
	settings *config.File            // or nil
	delays   *profile.Delays         // what the profiles say, or nil
}

// readProfiles reads the profiles that the settings name, and puts their delay to the
// sections of the program. The error is of the first that cannot be read; the others
// count.
func (p *project) readProfiles(dir string, x *patterns.Program, set settings) error {
	var list []*profile.Profile
	var wrong error
	for _, name := range set.profiles {
		full := name
		if !filepath.IsAbs(name) {
			full = filepath.Join(dir, name)
		}
		q, err := profile.Read(full)
		if err != nil {
			if e, ok := errors.AsType[*fs.PathError](err); ok {
				err = e.Err
			}
			wrong = cmp.Or(wrong, fmt.Errorf("reading the profile %s of the settings: %w", name, err))
			continue
		}
		list = append(list, q)
	}
	if list != nil {
		p.delays = profile.Locate(x, list)
	}
	return wrong
}

// newProject reads the project files of the packages. Files that one of them
// leaves out become files that are never rewritten.
func newProject(dir string, pkgs []*patterns.Package, set settings) (*project, error) {
	p := &project{files: make(map[string]*config.File)}
	if set.file != nil {
		f := *set.file
		f.Dir = dir
		p.settings = &f
	}
	var read config.Set
	for _, q := range pkgs {
		at := cmp.Or(q.Dir, dir)
		f, err := read.For(at, load.ModuleRoot(at))
		if err != nil {
			return nil, err
		}
		p.files[q.Dir] = f
		for _, file := range q.Files {
			if p.skips(q, file.Name) {
				file.Fixed = "left out by the project file or the settings"
			}
		}
	}
	p.table = read.Table(blocking.DefaultTable())
	if p.settings != nil && p.settings.Table != nil {
		p.table = p.table.With(p.settings.Table)
	}
	return p, nil
}

func (p *project) skips(q *patterns.Package, file string) bool {
	return p.files[q.Dir].Skips(file) || p.settings.Skips(file)
}

// filter leaves out the findings of files that are to be left alone, and gives the others
// their delay.
func (p *project) filter(q *patterns.Package, found []*finding.Finding) []*finding.Finding {
	p.delays.Attach(found)
	return slices.DeleteFunc(found, func(f *finding.Finding) bool { return p.skips(q, f.Section.Unit.File.Name) })
}

// options returns what to report in a package: what the settings say, else what
// the project file does.
func (v *view) options(p *pkg) waits.Options {
	if c := v.project.settings.Categories(); c != nil {
		return waits.Options{Categories: c}
	}
	return waits.Options{Categories: v.project.files[p.current.Dir].Categories()}
}

func (v *view) skips(p *pkg, file string) bool { return v.project.skips(p.current, file) }
