package report

import (
	"fmt"
	"strings"
	"testing"
)

// TestCounterBounded: a million names cost no memory, a frequent one is found,
// and nothing is counted twice or lost.
func TestCounterBounded(t *testing.T) {
	var c Counter
	for i := range 1_000_000 {
		c.Add(fmt.Sprintf("user%d@example.com", i), 1)
		if i%10 == 0 {
			c.Add("often@example.com", 1)
		}
	}
	c.Add(strings.Repeat("x", 10_000), 1)
	if len(c.keys) > maxKeys {
		t.Errorf("%d values", len(c.keys))
	}
	top := c.Top("user", 3)
	if top.Values[0] != (Value{"often@example.com", 100_000}) {
		t.Errorf("first is %v", top.Values[0])
	}
	sum := c.rest
	for _, n := range c.keys {
		sum += *n
	}
	if sum != 1_100_001 || top.More != len(c.keys)-3 {
		t.Errorf("sum %d, more %d", sum, top.More)
	}
}
