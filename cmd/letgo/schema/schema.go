// Package schema has the JSON schema of what -json prints.
package schema

import _ "embed"

// V1 is the schema of version 1.
//
//go:embed v1.json
var V1 string
