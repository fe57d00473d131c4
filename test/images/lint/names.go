package main

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// checkNames finds variables and locals that are used and not declared, or declared and not used.
func (t *template) checkNames() {
	used := map[string]bool{}
	for _, body := range t.bodies {
		hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
			if expression, ok := node.(*hclsyntax.ScopeTraversalExpr); ok {
				t.checkName(expression, used)
			}
			return nil
		})
	}
	for _, block := range t.blocks("variable") {
		if !used["var."+block.Labels[0]] {
			t.find(block.DefRange(), "var.%s is declared and never used", block.Labels[0])
		}
	}
	for name, attribute := range t.locals {
		if !used["local."+name] {
			t.find(attribute.SrcRange, "local.%s is declared and never used", name)
		}
	}
}

func (t *template) checkName(expression *hclsyntax.ScopeTraversalExpr, used map[string]bool) {
	root := expression.Traversal.RootName()
	if (root != "var" && root != "local") || len(expression.Traversal) < 2 {
		return
	}
	attribute, ok := expression.Traversal[1].(hcl.TraverseAttr)
	if !ok {
		return
	}
	_, variable := t.variables[attribute.Name]
	_, local := t.locals[attribute.Name]
	if (root == "var" && !variable) || (root == "local" && !local) {
		t.find(expression.SrcRange, "%s.%s is not declared", root, attribute.Name)
	}
	if !t.within(expression.SrcRange, "variable") {
		used[root+"."+attribute.Name] = true
	}
}

func (t *template) blocks(kind string) (found []*hclsyntax.Block) {
	for _, body := range t.bodies {
		for _, block := range body.Blocks {
			if block.Type == kind && len(block.Labels) > 0 {
				found = append(found, block)
			}
		}
	}
	return found
}

// within says whether a place lies in a block of this kind: a variable's own validation is no use of it.
func (t *template) within(place hcl.Range, kind string) bool {
	return slices.ContainsFunc(t.blocks(kind), func(block *hclsyntax.Block) bool {
		return block.Body.SrcRange.Filename == place.Filename && block.Body.SrcRange.ContainsPos(place.Start)
	})
}
