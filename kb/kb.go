// Package kb is the vocabulary of the knowledge base: documents and their versions, passages,
// service items, the relations and validity of rules, regions, scopes, callers, turns and records.
//
// It holds plain types, their invariants and the errors that every layer shares. It stores nothing,
// reads no file formats and talks to no server, and imports the standard library only. Shapes that
// are persisted or sent over the wire have JSON names here, so that a stored record, an HTTP reply
// and a line of the command line agree.
package kb
