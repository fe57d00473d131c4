package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// template is a directory of *.pkr.hcl files.
type template struct {
	directory string
	findings  []string
	// variables have their default, or a stand-in of their type.
	variables map[string]cty.Value
	required  []string
	locals    map[string]*hclsyntax.Attribute
	values    map[string]cty.Value
	sources   []*hclsyntax.Block
	builds    []*hclsyntax.Block
	bodies    []*hclsyntax.Body
}

func (t *template) find(place hcl.Range, format string, args ...any) {
	t.findings = append(t.findings, fmt.Sprintf("%s:%d: ", filepath.Base(place.Filename), place.Start.Line)+fmt.Sprintf(format, args...))
}

// tell takes over what the parser says. It reports whether that was nothing wrong.
func (t *template) tell(diagnostics hcl.Diagnostics) bool {
	for _, each := range diagnostics {
		place := hcl.Range{}
		if each.Subject != nil {
			place = *each.Subject
		}
		t.find(place, "%s: %s", each.Summary, each.Detail)
	}
	return !diagnostics.HasErrors()
}

// read parses a directory's files and sorts their blocks.
func read(directory string) *template {
	t := &template{
		directory: directory,
		required:  []string{},
		variables: map[string]cty.Value{},
		locals:    map[string]*hclsyntax.Attribute{},
		values:    map[string]cty.Value{},
	}
	files, _ := filepath.Glob(filepath.Join(directory, "*.pkr.hcl"))
	parser := hclparse.NewParser()
	for _, name := range files {
		file, diagnostics := parser.ParseHCLFile(name)
		if t.tell(diagnostics) {
			t.sort(file.Body.(*hclsyntax.Body))
		}
	}
	if len(t.findings) == 0 && (len(t.sources) != 1 || len(t.builds) != 1) {
		t.findings = append(t.findings, fmt.Sprintf("%s: one source and one build wanted", directory))
	}
	return t
}

func (t *template) sort(body *hclsyntax.Body) {
	t.bodies = append(t.bodies, body)
	for _, attribute := range body.Attributes {
		t.find(attribute.SrcRange, "%s: an attribute outside of any block", attribute.Name)
	}
	for _, block := range body.Blocks {
		switch {
		case block.Type == "packer" && len(block.Labels) == 0:
			t.plugins(block)
		case block.Type == "variable" && len(block.Labels) == 1:
			t.variable(block)
		case block.Type == "locals" && len(block.Labels) == 0:
			for name, attribute := range block.Body.Attributes {
				if _, twice := t.locals[name]; twice {
					t.find(attribute.SrcRange, "local.%s is declared twice", name)
				}
				t.locals[name] = attribute
			}
		case block.Type == "source" && len(block.Labels) == 2:
			t.sources = append(t.sources, block)
		case block.Type == "build" && len(block.Labels) == 0:
			t.builds = append(t.builds, block)
		default:
			t.find(block.DefRange(), "%s: no block that Packer knows, or with too few or too many labels", block.Type)
		}
	}
}

// plugins checks that every plugin has a source and a version.
func (t *template) plugins(block *hclsyntax.Block) {
	for _, plugins := range block.Body.Blocks {
		for name, attribute := range plugins.Body.Attributes {
			value, diagnostics := attribute.Expr.Value(nil)
			if t.tell(diagnostics) && (!value.Type().HasAttribute("source") || !value.Type().HasAttribute("version")) {
				t.find(attribute.SrcRange, "plugin %s: needs a source and a version", name)
			}
		}
	}
}

// variable checks a declaration: type, description, a default of that type that is valid.
func (t *template) variable(block *hclsyntax.Block) {
	name := block.Labels[0]
	if _, twice := t.variables[name]; twice {
		t.find(block.DefRange(), "var.%s is declared twice", name)
	}
	for key, attribute := range block.Body.Attributes {
		if !slices.Contains([]string{"type", "description", "default", "sensitive"}, key) {
			t.find(attribute.SrcRange, "var.%s: unknown attribute %s", name, key)
		}
	}
	kind := cty.DynamicPseudoType
	if given, ok := block.Body.Attributes["type"]; ok {
		constraint, diagnostics := typeexpr.TypeConstraint(given.Expr)
		t.tell(diagnostics)
		kind = constraint
	} else {
		t.find(block.DefRange(), "var.%s has no type", name)
	}
	if _, ok := block.Body.Attributes["description"]; !ok {
		t.find(block.DefRange(), "var.%s has no description", name)
	}
	given, optional := block.Body.Attributes["default"]
	if !optional {
		t.required = append(t.required, name)
		t.variables[name] = standIn(name, kind)
		return
	}
	value, diagnostics := given.Expr.Value(nil)
	if !t.tell(diagnostics) {
		return
	}
	value, err := convert.Convert(value, kind)
	if err != nil {
		t.find(given.SrcRange, "var.%s: the default is not of its type: %s", name, err)
	}
	t.variables[name] = value
	for _, validation := range block.Body.Blocks {
		t.validate(name, value, validation)
	}
}

func (t *template) validate(name string, value cty.Value, block *hclsyntax.Block) {
	condition, ok := block.Body.Attributes["condition"]
	if block.Type != "validation" || !ok {
		t.find(block.DefRange(), "var.%s: unknown block %s, or a validation without a condition", name, block.Type)
		return
	}
	context := &hcl.EvalContext{
		Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{name: value})},
		Functions: t.functions(),
	}
	result, diagnostics := condition.Expr.Value(context)
	if t.tell(diagnostics) && !result.RawEquals(cty.True) {
		t.find(condition.SrcRange, "var.%s: its own default is not valid", name)
	}
}

// standIn is a value for a variable that the user must set.
func standIn(name string, kind cty.Type) cty.Value {
	switch {
	case kind == cty.Number:
		return cty.NumberIntVal(1)
	case kind == cty.Bool:
		return cty.True
	case kind.IsListType():
		return cty.ListVal([]cty.Value{standIn(name, kind.ElementType())})
	default:
		return cty.StringVal("http://" + name + ".test/path")
	}
}
