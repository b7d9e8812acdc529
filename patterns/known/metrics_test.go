package known

import (
	"go/token"
	"go/types"
	"testing"
)

// TestMetrics checks that a metric which observes a value is known to be as usable as before,
// and another object with such a method is not.
func TestMetrics(t *testing.T) {
	for path, want := range map[string]bool{"github.com/prometheus/client_golang/prometheus": true, "example.com/prometheus": false} {
		pkg := types.NewPackage(path, "prometheus")
		histogram := types.NewNamed(types.NewTypeName(token.NoPos, pkg, "Histogram", nil), types.NewInterfaceType(nil, nil), nil)
		recv, value := types.NewParam(token.NoPos, pkg, "", histogram), types.NewParam(token.NoPos, pkg, "v", types.Typ[types.Float64])
		fn := types.NewFunc(token.NoPos, pkg, "Observe", types.NewSignatureType(recv, nil, nil, types.NewTuple(value), nil, false))
		if _, got := Storage(fn); got != want {
			t.Errorf("Storage(%s): known is %t, want %t", fn.FullName(), got, want)
		}
	}
}
