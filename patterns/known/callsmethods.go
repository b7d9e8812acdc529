package known

import (
	_ "embed"
	"go/types"
	"slices"
	"strings"
	"sync"
)

//go:embed calls_methods.txt
var callsMethodsText string

var callsMethods = sync.OnceValue(func() map[string][]string {
	out := make(map[string][]string)
	for line := range names(callsMethodsText) {
		words := strings.Fields(line)
		out[words[0]] = words[1:]
	}
	return out
})

// MayCall reports whether a function outside of the loaded packages may call a method of
// a name of the values that it is given. Of functions that are in no table it is not
// known which ones they call.
func MayCall(fn *types.Func, method string) bool {
	if called, ok := callsMethods()[nameOf(fn)]; ok {
		return slices.Contains(called, method)
	}
	_, harmless := HasNoEffect(fn)
	recv := fn.Signature().Recv()
	return !harmless || recv == nil || !types.IsInterface(recv.Type()) || fn.Name() == method
}

// MethodsCalled lists the methods that a function outside of the loaded packages calls of
// the values that it is given, if they have them and it has a use for them; nil if no table
// says.
func MethodsCalled(fn *types.Func) []string { return callsMethods()[nameOf(fn)] }
