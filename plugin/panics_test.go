package main

import (
	"strconv"
	"testing"
)

func TestPanicLedgerTellsChunksApart(t *testing.T) {
	l := newPanicLedger()
	f := func(tag, chunk string, want int) {
		t.Helper()
		if got := l.count(tag, []byte(chunk)); got != want {
			t.Errorf("%q %q: counted %d, want %d", tag, chunk, got, want)
		}
	}
	f("a", "x", 1)
	f("a", "x", 2)
	f("b", "x", 1)
	f("a", "y", 1)
	f("ab", "c", 1)
	f("a", "bc", 1) // where the tag ends counts
	l.forget("a", []byte("x"))
	f("a", "x", 1)
	f("b", "x", 2)
}

func TestPanicLedgerIsBounded(t *testing.T) {
	l := newPanicLedger()
	for i := range 10 * maxPanicChunks {
		l.count("t", []byte(strconv.Itoa(i)))
	}
	if len(l.counts) != maxPanicChunks || len(l.order) != maxPanicChunks {
		t.Errorf("%d counts and %d keys, want %d", len(l.counts), len(l.order), maxPanicChunks)
	}
	if n := l.count("t", []byte(strconv.Itoa(10*maxPanicChunks-1))); n != 2 {
		t.Errorf("the newest chunk counts %d, want 2", n)
	}
	if n := l.count("t", []byte("0")); n != 1 {
		t.Errorf("the oldest chunk counts %d, want 1", n)
	}
}

func TestPanicLedgerPrintsAPlaceOnce(t *testing.T) {
	l := newPanicLedger()
	for i := range 2 * maxPanicSites {
		first := l.firstAt(strconv.Itoa(i))
		if want := i < maxPanicSites; first != want {
			t.Errorf("place %d: first is %t, want %t", i, first, want)
		}
	}
	if l.firstAt("0") {
		t.Error("place 0 is new a second time")
	}
}

func TestForgetCostsNothingWithoutPanics(t *testing.T) {
	l := newPanicLedger()
	chunk := make([]byte, 2<<20)
	if n := testing.AllocsPerRun(100, func() { l.forget("t", chunk) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
