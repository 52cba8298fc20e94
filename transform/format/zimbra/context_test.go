package zimbra

import (
	"testing"
)

func TestIsAddress(t *testing.T) {
	f := func(in string, want bool) {
		t.Helper()
		if got := isAddress(in); got != want {
			t.Errorf("isAddress(%q) = %v", in, got)
		}
	}
	f("192.0.2.1", true)
	f("2001:db8::7", true)
	f("[2001:db8:0:0:0:0:0:7]", true)
	f("::1", true)
	f("iPhone Mail/", false)
	f("a:b", false)
	f("", false)
	f("1.2.3", false)
}
