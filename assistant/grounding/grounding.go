// Package grounding checks that a sentence a model wrote says no more than the evidence it cites.
//
// It is deterministic and asks no model. A sentence is read into clauses, a unit of evidence (a
// sentence, an entry of a list, a row of a table) into pieces; a clause is sound when one unit bears
// out all of it: its figures with their bounds and periods, its words or words that mean the same,
// what it denies, and the conditions under which the unit holds. Whatever a unit binds to another
// figure, row or entry is not borne out by it, however near it stands.
//
// The package does not write, search or choose evidence, and it does not know whether evidence is
// true. It says less than a reader could: a sentence that follows from the evidence only by thinking
// is a fault.
package grounding

import (
	"xiaoyue/kb"
)

// Unit is the smallest part of a text that can be cited alone.
type Unit struct {
	Said  string   // a sentence, a list entry, or a table row said with its heads (学历：硕士；标准：1500元)
	Above []string // what it depends on, outermost first: headings, leads, table heads
}

// Evidence is a passage that a sentence may cite, with what is known of its document.
type Evidence struct {
	Title, Number, Clause string    // of the document, its 发文字号, and the clause it stands in
	Places                []string  // the region that it rules, then those above it: 鉴湖区, 越州市
	Status                kb.Status // on the day asked; empty counts as in force
	Units                 []Unit    // all units of the passage: those beside the one cited tell what belongs to it
}

// Ref names a unit of the evidence given to Prepare.
type Ref struct{ Evidence, Unit int }

// Fault says what is wrong with a sentence.
type Fault string

// The faults.
const (
	Uncited     Fault = "uncited"     // names no evidence
	Figure      Fault = "figure"      // a number, or its bound, that the evidence does not hold
	Subject     Fault = "subject"     // bound to another figure, row or entry than in the evidence
	Period      Fault = "period"      // 每月 for 一次性
	UnitFault   Fault = "unit"        // 工作日 for 日
	Negation    Fault = "negation"    // a 不 added or dropped, 可以 for 应当
	Condition   Fault = "condition"   // a condition or restriction dropped
	Quote       Fault = "quote"       // quoted, and not verbatim
	Clause      Fault = "clause"      // a clause, title or document number that is not the evidence's
	Place       Fault = "place"       // 区级 for 市级, or another place
	Expired     Fault = "expired"     // not in force on the day asked, and spoken of as if it were
	Invented    Fault = "invented"    // words that stand nowhere
	Instruction Fault = "instruction" // orders, promises, links, talk about itself
	Citation    Fault = "citation"    // borne out by other evidence than the one named
)

// Verdict is the outcome of a check.
type Verdict struct {
	Fault   Fault  // empty: sound
	Detail  string // what is wrong, in Chinese, with the words of the sentence; empty when sound
	Support []Ref  // the units that bear the sentence out, in the order of its clauses
}

// Sound reports whether the sentence may be shown.
func (v Verdict) Sound() bool { return v.Fault == "" }
