package format

import "testing"

func TestMetaName(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := metaName(in); got != want {
			t.Errorf("metaName(%q) = %q, want %q", in, got, want)
		}
	}
	f("user", "user")
	f("zimbraMailForwardingAddress", "zimbraMailForwardingAddress")
	f("a-b.c d", "a_b_c_d")
	f("a__b", "a_b")
	f("größe", "gr_e")
	f("1x", "key_1x")
	f("_y", "y")
	f("x-", "x_")
	f("", "")
	f("_", "")
	f("---", "")
	f("é", "")
	f("label_value", "label_value")
}
