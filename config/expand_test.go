package config

import "testing"

// TestExpandEnv: as flb_env_var_translate of Fluent Bit 5.1 does it.
func TestExpandEnv(t *testing.T) {
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"A": "a", "EMPTY": "", "a:b": "colon"}[name]
		return v, ok
	}
	f := func(in, want string) {
		t.Helper()
		if got := ExpandEnv(in, env); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	f("", "")
	f("$A s3cr$et $", "$A s3cr$et $")
	f("${A}", "a")
	f("x${A}y${A}z", "xayaz")
	f("${UNSET}", "")
	f("${UNSET:-d}${EMPTY:-e}${A:-no}", "dea")
	f("${UNSET:-}", "")
	f("${UNSET:-http://h:3100}", "http://h:3100")
	f("${UNSET-d}${UNSET:d}", "")
	f("${a:b}${a:b:-d}", "colon")
	f("{x} ${A", "{x} ${A")
	f("${}", "${}")
	f(`{"a":"b"} ${A}`, `{"a":"b"} ${A}`)
	f("${A} } ${A}", "a ${A}")
	f("${A} ${A", "a")
}
