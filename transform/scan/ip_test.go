package scan

import (
	"net/netip"
	"testing"
)

func TestCanonicalIP(t *testing.T) {
	var a Arena
	f := func(in, want string) {
		t.Helper()
		if got := CanonicalIP(&a, in); got != want {
			t.Errorf("CanonicalIP(%q) = %q, want %q", in, got, want)
		}
	}
	f("192.0.2.1", "192.0.2.1")
	f("0.0.0.0", "0.0.0.0")
	f("255.255.255.255", "255.255.255.255")
	// The three ways in which Zimbra writes IPv6: Jetty, getHostAddress, nginx.
	f("[2001:db8:0:0:0:0:0:7]", "2001:db8::7")
	f("2001:db8:0:0:0:0:0:7", "2001:db8::7")
	f("fe80:0:0:0:0:0:0:7%eth0", "fe80::7")
	f("2001:db8::7", "2001:db8::7")
	f("2001:DB8::A", "2001:db8::a")
	f("[0:0:0:0:0:0:0:1]", "::1")
	f("::ffff:192.0.2.1", "192.0.2.1")
	f("0:0:0:0:0:ffff:c000:201", "192.0.2.1")
	f("IPv6:2001:db8::7", "2001:db8::7") // as mail headers write it
	f("[IPv6:2001:db8::7]", "2001:db8::7")
	// With a port, as some proxies write X-Forwarded-For.
	f("192.0.2.1:5678", "192.0.2.1")
	f("[2001:db8::7]:5678", "2001:db8::7")

	for _, in := range []string{
		"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3", "1.2.3.", "1.2.3.4x", ".1.2.3", "1234.1.1.1",
		"x", "[]", "::::", "[2001:db8::7", "2001:db8:::7", "mail.example.com", "192.0.2.1:", "192.0.2.1:x", "unknown",
		"2001:db8::7 2001:db8::8", "not:an:address",
	} {
		f(in, "")
	}
}

// FuzzCanonicalIP compares with net/netip.
func FuzzCanonicalIP(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "[2001:db8::7]", "fe80::1%eth0", "1.2.3.4:80", "::ffff:1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var a Arena
		got := CanonicalIP(&a, s)
		if ip, err := netip.ParseAddr(s); err == nil && len(s) <= 64 && got != ip.WithZone("").Unmap().String() {
			t.Errorf("CanonicalIP(%q) = %q, netip reads %s", s, got, ip)
		}
		if got == "" {
			return
		}
		if IsIPv4(got) { // leading zeros are kept as they were written
			return
		}
		if ip, err := netip.ParseAddr(got); err != nil || ip.String() != got {
			t.Errorf("CanonicalIP(%q) = %q is not canonical: %v", s, got, err)
		}
	})
}
