package world

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// dump returns a deep representation of a value, without locks and backends. It
// sorts maps and follows pointers.
func dump(v reflect.Value, depth int) string {
	if depth > 6 {
		return "..."
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int64, reflect.Int32:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Pointer, reflect.Interface:
		if v.Type().String() == "context.Context" {
			return "ctx"
		}
		if v.IsNil() {
			return "nil"
		}
		return "&" + dump(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		return dumpList(v, depth)
	case reflect.Map:
		return dumpMap(v, depth)
	case reflect.Struct:
		return dumpStruct(v, depth)
	case reflect.Chan:
		if v.IsNil() {
			return "nil"
		}
		return fmt.Sprintf("chan(%d)", v.Len())
	case reflect.Func:
		if v.IsNil() {
			return "nil"
		}
		return "func"
	}
	return v.Kind().String()
}

// shown lists the standard library packages whose types are dumped in full.
var shown = []string{"bytes", "container/list", "math/big", "net/url", "strings"}

func dumpList(v reflect.Value, depth int) string {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return "nil"
	}
	var parts []string
	for i := range v.Len() {
		parts = append(parts, dump(v.Index(i), depth+1))
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func dumpMap(v reflect.Value, depth int) string {
	if v.IsNil() {
		return "nil"
	}
	var parts []string
	for it := v.MapRange(); it.Next(); {
		parts = append(parts, dump(it.Key(), depth+1)+":"+dump(it.Value(), depth+1))
	}
	slices.Sort(parts)
	return "map[" + strings.Join(parts, " ") + "]"
}

func dumpStruct(v reflect.Value, depth int) string {
	t := v.Type()
	switch {
	case t.PkgPath() == "proof/sync":
		return "_"
	case t.PkgPath() == "proof/world" && t.Name() == "Conn":
		return "conn " + v.Field(1).String()
	case t.PkgPath() == "proof/world" && (t.Name() == "Page" || t.Name() == "Body" || t.Name() == "Request" || t.Name() == "Client" || t.Name() == "Transport"):
	case slices.Contains(shown, t.PkgPath()):
	case !strings.HasPrefix(t.PkgPath(), "proof/") && t.PkgPath() != "":
		if f := v.FieldByName("s"); f.IsValid() && f.Kind() == reflect.String { // errors.errorString
			return strconv.Quote(f.String())
		}
		if f := v.FieldByName("msg"); f.IsValid() && f.Kind() == reflect.String { // fmt.wrapError
			return strconv.Quote(f.String())
		}
		return "_"
	case t.PkgPath() == "proof/world":
		return "_"
	}
	var parts []string
	for i := range t.NumField() {
		name := t.Field(i).Name
		if name == "w" || name == "addr" {
			continue // backends, and the address in a strings.Builder
		}
		if t.Field(i).Anonymous {
			name = "embedded" // type names differ between variants
		}
		if d := dump(v.Field(i), depth+1); d != "_" && d != "&_" {
			parts = append(parts, name+":"+d)
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}
