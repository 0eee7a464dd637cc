package ingest

import (
	"errors"
	"testing"
)

func TestCollectorKeepsWithinLimits(t *testing.T) {
	c := NewCollector(Limits{TextBytes: 10, Cells: 3})
	for _, b := range []Block{{Text: "12345"}, {}, {Kind: BlockTable, Rows: [][]string{{"a", "b"}}}} {
		if err := c.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.Blocks) != 2 || c.TextBytes() != 7 {
		t.Errorf("%d blocks of %d bytes, want 2 of 7: an empty one is left out", len(c.Blocks), c.TextBytes())
	}
	for name, b := range map[string]Block{
		"text":  {Text: "1234"},
		"cells": {Rows: [][]string{{"", "c"}}},
	} {
		var fault *ReadError
		if err := c.Add(b); !errors.As(err, &fault) || fault.Status != StatusTooLarge || len(c.Blocks) != 2 {
			t.Errorf("%s past the limit: %v, %d blocks", name, err, len(c.Blocks))
		}
	}
}

func TestGuessHeads(t *testing.T) {
	for _, c := range []struct {
		name string
		rows [][]string
		want int
	}{
		{"names of columns", [][]string{{"类别", "标准"}, {"博士", "3000"}}, 1},
		{"empty corner", [][]string{{"", "标准"}, {"博士", "3000"}}, 1},
		{"two rows, merged", [][]string{{"学历", "标准", "标准"}, {"学历", "每月", "期限"}, {"博士", "3000", "36"}}, 2},
		{"figures first", [][]string{{"1", "2"}, {"3", "4"}}, 0},
		{"prose first", [][]string{{"一", "这是一段说明文字，它讲的是很长的一件事情，不会是表格某一列的名称，因为名称都是短的，没有这样长的，也没有这样的标点"}, {"3", "4"}}, 0},
		{"one row", [][]string{{"类别", "标准"}}, 0},
		{"one column", [][]string{{"类别"}, {"博士"}}, 0},
		{"a body row is left", [][]string{{"类", "甲", "甲"}, {"类", "乙", "丙"}}, 1},
	} {
		if got := GuessHeads(c.rows); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
