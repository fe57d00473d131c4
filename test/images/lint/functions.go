package main

import (
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those of Packer's that the templates use.
func (t *template) functions() map[string]function.Function {
	return map[string]function.Function{
		"can":          tryfunc.CanFunc,
		"regex":        stdlib.RegexFunc,
		"templatefile": templateFile,
		"timestamp": function.New(&function.Spec{
			Type: function.StaticReturnType(cty.String),
			Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.StringVal("2026-01-01T00:00:00Z"), nil },
		}),
	}
}

// templateFile renders a file with the given names, and no others.
var templateFile = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "names", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		path := args[0].AsString()
		text, err := os.ReadFile(path)
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "%s", err)
		}
		expression, diagnostics := hclsyntax.ParseTemplate(text, path, hcl.InitialPos)
		if diagnostics.HasErrors() {
			return cty.NilVal, diagnostics
		}
		names := args[1].AsValueMap()
		used := map[string]bool{}
		for _, traversal := range expression.Variables() {
			used[traversal.RootName()] = true
		}
		for name := range names {
			if !used[name] {
				return cty.NilVal, function.NewArgErrorf(1, "%s does not use %s", path, name)
			}
		}
		value, diagnostics := expression.Value(&hcl.EvalContext{Variables: names})
		if diagnostics.HasErrors() {
			return cty.NilVal, diagnostics
		}
		return value, nil
	},
})
