package format

import (
	"testing"
)

func TestExtraName(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := extraName(in); got != want {
			t.Errorf("extraName(%q) = %q, want %q", in, got, want)
		}
	}
	f("zimbraMailStatus", "zimbraMailStatus")
	f("user", "x_user")
	f("host", "x_host")
	f("detected_level", "x_detected_level")
	f("client-ip", "x_client_ip")
	f("truncated", "x_truncated")
	f("_", "")
}

func TestJoin(t *testing.T) {
	var in Input
	var d Draft
	for _, v := range []string{"a", "b", "c"} {
		d.Join(&in, "k-1", v)
	}
	d.Join(&in, "", "x")
	if len(d.Extra) != 1 || d.Extra[0].Name != "k_1" || d.Extra[0].Value != "a, b, c" {
		t.Errorf("%q", d.Extra)
	}
}
