// Lint reads a directory of Packer templates as Packer does, with HashiCorp's parser, and prints what it found as JSON: findings,
// and what the template comes to with its variables' defaults.
//
// It does not use Packer's own parser, whose module is not to be had, and does not check what the vSphere plugin checks beyond
// the names and types of attributes.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// report is what is printed.
type report struct {
	// Findings says what is wrong, with its place.
	Findings []string `json:"findings"`
	// Source is the evaluated body of the vsphere-iso source.
	Source json.RawMessage `json:"source,omitempty"`
	// Scripts are the paths that the shell provisioners run, in order.
	Scripts []string `json:"scripts"`
	// Required are the variables without a default.
	Required []string `json:"required"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: lint DIRECTORY")
		os.Exit(2)
	}
	template := read(os.Args[1])
	template.checkNames()
	result := report{Findings: []string{}, Scripts: []string{}, Required: template.required}
	if len(template.findings) == 0 {
		template.evaluateLocals()
		for _, source := range template.sources {
			result.Source = toJSON(template.evaluateSource(source))
		}
		for _, build := range template.builds {
			result.Scripts = append(result.Scripts, template.evaluateBuild(build)...)
		}
	}
	result.Findings = append(result.Findings, template.findings...)
	slices.Sort(result.Findings)
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func toJSON(value cty.Value) json.RawMessage {
	value, _ = value.UnmarkDeep()
	if !value.IsWhollyKnown() {
		return nil
	}
	text, err := ctyjson.Marshal(value, value.Type())
	if err != nil {
		return nil
	}
	return text
}
