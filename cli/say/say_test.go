package say

import "testing"

func TestCount(t *testing.T) {
	f := func(n int64, want string) {
		t.Helper()
		if got := Count(n, "entry was", "entries were"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	f(0, "0 entries were")
	f(1, "1 entry was")
	f(2, "2 entries were")
	f(999, "999 entries were")
	f(1000, "1 000 entries were")
	f(1234567, "1 234 567 entries were")
}

func TestSize(t *testing.T) {
	f := func(n int64, want string) {
		t.Helper()
		if got := Size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	f(0, "0.0 KiB")
	f(1536, "1.5 KiB")
	f(5<<20, "5.0 MiB")
	f(3<<29, "1.5 GiB")
}
