package main

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/cmd/letgo/schema"
	"github.com/letgo-dev/letgo/internal/proftest"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// valid checks a text against a JSON schema.
func valid(t *testing.T, source, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(instance)
}

// TestSchema checks outputs of all kinds against the schema, and that it takes no
// others.
func TestSchema(t *testing.T) {
	t.Parallel()
	dir := newModule(t)
	write(t, filepath.Join(dir, "a_test.go"), "package p\n\nimport \"testing\"\n\nfunc TestGet(t *testing.T) { new(T).Get() }\n")
	write(t, filepath.Join(dir, "bad/bad.go"), "package bad\n\nvar x int = \"\"\n")
	write(t, filepath.Join(dir, "d/d.go"), "package d\n\n//letgo:hold\nvar x int\n")
	data, err := proftest.Encode("2s 10\n  sync.(*Mutex).Unlock mutex.go:65 64\n  example.com/m.(*T).Wait a.go:15 10\n" +
		"1s 3\n  sync.(*Mutex).Unlock mutex.go:65 64\n  example.com/m.(*T).Get a.go:21 18\n")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "mutex.prof"), string(data))
	for _, args := range [][]string{
		{"-C", dir, "-json", "./..."},
		{"-C", dir, "-json", "-profile=mutex.prof", "./..."},
		{"-C", dir, "-json", "-l", "./..."},
		{"-C", dir, "-json", "-grade=review", "-try", "go test .", "."},
		{"-C", dir, "-json", "explain", "a.go:11"},
		{"-C", dir, "-json", "explain", "a.go:18"},
		{"-C", "../../testdata/service", "-json", "-all", "./..."},
		{"-C", "../../testdata/service", "-json", "-category=db", "./..."},
	} {
		_, stdout, stderr := try(t.Context(), nil, args...)
		if err := valid(t, schema.V1, stdout); err != nil {
			t.Errorf("%q: %v\n%s", args, err, stderr)
		}
	}
	_, stdout, _ := try(t.Context(), nil, "-C", dir, "-json", "./...")
	for _, change := range []string{
		`"version": 1=>"version": 2`, `"grade": "review"=>"grade": "good"`, `"line": 11=>"line": "11"`, `"deadlock": null=>"deadlock": 1`, `"lock": =>"luck": `,
	} {
		old, bad, _ := strings.Cut(change, "=>")
		if !strings.Contains(stdout, old) {
			t.Fatalf("no %s in\n%s", old, stdout)
		}
		if valid(t, schema.V1, strings.Replace(stdout, old, bad, 1)) == nil {
			t.Errorf("the schema takes %s", change)
		}
	}
}

// TestSchemaFields checks that the schema describes the fields that there are, and says
// of each whether it may be absent.
func TestSchemaFields(t *testing.T) {
	type object struct {
		Type        string
		Description string
		Required    []string
		Properties  map[string]json.RawMessage
		Items       json.RawMessage
		Ref         string `json:"$ref"`
		AnyOf       []json.RawMessage
	}
	var said struct {
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(schema.V1), &said); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	var visit func(reflect.Type, json.RawMessage, string)
	visit = func(typ reflect.Type, raw json.RawMessage, where string) {
		var o object
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if len(o.AnyOf) > 0 {
			visit(typ, o.AnyOf[0], where)
			return
		}
		if o.Ref != "" {
			name := strings.TrimPrefix(o.Ref, "#/$defs/")
			o, seen[name] = said.Defs[name], true
		}
		switch typ.Kind() {
		case reflect.Pointer:
			visit(typ.Elem(), raw, where)
		case reflect.Slice:
			visit(typ.Elem(), o.Items, where)
		case reflect.Struct:
			var fields, required []string
			for f := range typ.Fields() {
				name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
				if name == "" || name == "-" {
					continue
				}
				fields = append(fields, name)
				if rest != "omitempty" {
					required = append(required, name)
				}
				visit(f.Type, o.Properties[name], where+"."+name)
			}
			slices.Sort(fields)
			slices.Sort(required)
			slices.Sort(o.Required)
			if got := slices.Sorted(maps.Keys(o.Properties)); !slices.Equal(got, fields) {
				t.Errorf("%s has the fields %q, the schema %q", where, fields, got)
			}
			if !slices.Equal(o.Required, required) {
				t.Errorf("%s has always %q, the schema says %q", where, required, o.Required)
			}
		default:
			if want := map[reflect.Kind]string{reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number", reflect.Bool: "boolean", reflect.String: "string"}[typ.Kind()]; o.Type != want {
				t.Errorf("%s is a %s, the schema says %s", where, want, o.Type)
			}
		}
		if o.Description == "" && where != "" && typ.Kind() != reflect.String {
			t.Errorf("%s has no description", where)
		}
	}
	visit(reflect.TypeFor[jsonReport](), json.RawMessage(`{"$ref": "#/$defs/report"}`), "report")
	for name := range said.Defs {
		if !seen[name] {
			t.Errorf("nothing is a %s", name)
		}
	}
}
