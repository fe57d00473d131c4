package main

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

func (t *template) context() *hcl.EvalContext {
	root := cty.ObjectVal(map[string]cty.Value{"root": cty.StringVal(t.directory), "cwd": cty.StringVal(t.directory)})
	return &hcl.EvalContext{
		Variables: map[string]cty.Value{"var": cty.ObjectVal(t.variables), "local": cty.ObjectVal(t.values), "path": root},
		Functions: t.functions(),
	}
}

// evaluateLocals evaluates each local once all that it names are.
func (t *template) evaluateLocals() {
	for len(t.values) < len(t.locals) {
		before := len(t.values)
		for name, attribute := range t.locals {
			if _, done := t.values[name]; done || !t.ready(attribute.Expr) {
				continue
			}
			value, diagnostics := attribute.Expr.Value(t.context())
			if !t.tell(diagnostics) {
				return
			}
			t.values[name] = value
		}
		if len(t.values) == before {
			t.findings = append(t.findings, "locals: some name each other in a circle")
			return
		}
	}
}

func (t *template) ready(expression hcl.Expression) bool {
	return !slices.ContainsFunc(expression.Variables(), func(traversal hcl.Traversal) bool {
		if traversal.RootName() != "local" || len(traversal) < 2 {
			return false
		}
		attribute, ok := traversal[1].(hcl.TraverseAttr)
		_, done := t.values[attribute.Name]
		return ok && !done
	})
}

// evaluateSource decodes a source by the plugin's attributes.
func (t *template) evaluateSource(source *hclsyntax.Block) cty.Value {
	if source.Labels[0] != "vsphere-iso" {
		t.find(source.DefRange(), "source %s: only vsphere-iso", source.Labels[0])
		return cty.DynamicVal
	}
	value, diagnostics := hcldec.Decode(source.Body, vsphereISO, t.context())
	t.tell(diagnostics)
	return value
}

// evaluateBuild checks sources and provisioners. It returns the scripts that they run.
func (t *template) evaluateBuild(build *hclsyntax.Block) (scripts []string) {
	for name, attribute := range build.Body.Attributes {
		if name != "sources" {
			t.find(attribute.SrcRange, "build: unknown attribute %s", name)
			continue
		}
		sources, diagnostics := attribute.Expr.Value(t.context())
		if !t.tell(diagnostics) {
			continue
		}
		for _, source := range sources.AsValueSlice() {
			known := slices.ContainsFunc(t.sources, func(block *hclsyntax.Block) bool {
				return source.AsString() == "source."+block.Labels[0]+"."+block.Labels[1]
			})
			if !known {
				t.find(attribute.SrcRange, "build: there is no %s", source.AsString())
			}
		}
	}
	for _, block := range build.Body.Blocks {
		scripts = append(scripts, t.provisioner(block)...)
	}
	return scripts
}

func (t *template) provisioner(block *hclsyntax.Block) (scripts []string) {
	if block.Type != "provisioner" || len(block.Labels) != 1 || provisioners[block.Labels[0]] == nil {
		t.find(block.DefRange(), "build: only the provisioners file and shell")
		return nil
	}
	value, diagnostics := hcldec.Decode(block.Body, provisioners[block.Labels[0]], t.context())
	if !t.tell(diagnostics) {
		return nil
	}
	if block.Labels[0] == "file" {
		t.exists(block, value.GetAttr("source").AsString())
		return nil
	}
	for _, script := range value.GetAttr("scripts").AsValueSlice() {
		t.exists(block, script.AsString())
		scripts = append(scripts, filepath.Clean(script.AsString()))
	}
	return scripts
}

func (t *template) exists(block *hclsyntax.Block, path string) {
	if _, err := os.Stat(path); err != nil {
		t.find(block.DefRange(), "%s: there is no such file", filepath.Clean(path))
	}
}
