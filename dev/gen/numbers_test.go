package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/format"
)

// TestNumbersAreNumbers: every value of a field with a unit of numbers, in any
// fixture, is one as LogQL compares it, and its unit has an example.
func TestNumbersAreNumbers(t *testing.T) {
	found := fixtures(t)
	units := map[string]string{}
	examples := map[string]bool{}
	for _, f := range append(format.Fields(), format.OwnFields()...) {
		if n, ok := f.Number(); ok {
			units[f.Name] = n.Unit
			examples[f.Name+n.Unit] = true
		}
	}
	for _, n := range format.Numbers() {
		if !examples[n.Example+n.Unit] {
			t.Errorf("%s is no field in %s", n.Example, n.Unit)
		}
	}
	checked := 0
	for name, values := range found {
		for v := range values {
			field, value, ok := strings.Cut(v, "=")
			if !ok || field == "outcome" {
				continue
			}
			checked++
			if !isOf(units[field], value) {
				t.Errorf("%s: %s is %q, which is no number in %s", name, field, value, units[field])
			}
		}
	}
	if checked < 100 {
		t.Errorf("%d values: the test looks in the wrong place", checked)
	}
}

func isOf(unit, value string) bool {
	var err error
	switch unit {
	case "duration":
		_, err = time.ParseDuration(value)
	case "bytes", "integer", "rows":
		_, err = strconv.ParseInt(value, 10, 64)
	default:
		_, err = strconv.ParseFloat(value, 64)
	}
	return err == nil
}
