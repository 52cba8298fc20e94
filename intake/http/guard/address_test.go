package guard

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

func TestClient(t *testing.T) {
	proxies := Proxies{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"203.0.113.9:1", nil, "203.0.113.9"},
		{"203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"}, // not a proxy: a lie
		{"127.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1:1", []string{"198.51.100.1, 203.0.113.4, 10.2.3.4"}, "203.0.113.4"},
		{"127.0.0.1:1", []string{"198.51.100.1", "203.0.113.4"}, "203.0.113.4"}, // two headers
		{"[::ffff:127.0.0.1]:1", []string{"2001:db8::1"}, "2001:db8::1"},
		{"127.0.0.1:1", []string{"<script>, 203.0.113.4"}, "203.0.113.4"},
		{"127.0.0.1:1", []string{"203.0.113.4, nonsense"}, "127.0.0.1"},
		{"127.0.0.1:1", []string{"10.0.0.1, 10.0.0.2"}, "10.0.0.1"},
		{"127.0.0.1:1", nil, "127.0.0.1"},
		{"@", nil, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := proxies.Client(r).String(); got != c.want {
			t.Errorf("Client(%s, %q) = %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestSecure(t *testing.T) {
	proxies := Proxies{netip.MustParsePrefix("127.0.0.1/32")}
	for _, c := range []struct {
		remote, proto string
		tls, want     bool
	}{
		{"203.0.113.9:1", "https", false, false},
		{"127.0.0.1:1", "https", false, true},
		{"127.0.0.1:1", "http", false, false},
		{"203.0.113.9:1", "", true, true},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-Proto": {c.proto}}}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := proxies.Secure(r); got != c.want {
			t.Errorf("Secure(%s, %q, %v) = %v", c.remote, c.proto, c.tls, got)
		}
	}
}

func TestHosts(t *testing.T) {
	for _, c := range []struct {
		hosts Hosts
		host  string
		want  bool
	}{
		{Hosts{"*"}, "anything:8000", true},
		{Hosts{"*"}, "", false},
		{Hosts{"logs.example.com"}, "LOGS.example.com:443", true},
		{Hosts{"logs.example.com"}, "logs.example.com.", true},
		{Hosts{"logs.example.com"}, "evil.example.org", false},
		{Hosts{"logs.example.com"}, "logs.example.com.evil.example.org", false},
		{Hosts{".example.com"}, "a.b.example.com", true},
		{Hosts{".example.com"}, "example.com", true},
		{Hosts{".example.com"}, "notexample.com", false},
		{Hosts{"[::1]"}, "[::1]:8000", true},
		{Hosts{"::1"}, "[::1]", true},
		{nil, "x", false},
	} {
		if got := c.hosts.Allowed(c.host); got != c.want {
			t.Errorf("%q.Allowed(%q) = %v", c.hosts, c.host, got)
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		query, cookie, header, preset, want string
		chosen                              bool
	}{
		{"", "", "", "", "en", false},
		{"", "", "ru-RU,ru;q=0.9,en;q=0.8", "", "ru", false},
		{"", "", "de,en;q=0.5,ru;q=0.4", "", "en", false},
		{"", "", "de,fr", "", "en", false},
		{"", "", "ru;q=nonsense,en", "", "en", false},
		{"", "ru", "en", "", "ru", false},
		{"", "xx", "ru", "", "ru", false},
		{"lang=en", "ru", "ru", "", "en", true},
		{"lang=de", "ru", "en", "", "ru", false},
		{"", "", "en", "ru", "ru", false},
		{"", "en", "en", "ru", "en", false},
		{"lang=en", "", "ru", "ru", "en", true},
		{"", "", "ru", "auto", "ru", false},
	} {
		r, _ := http.NewRequest("GET", "/?"+c.query, nil)
		r.Header.Set("Accept-Language", c.header)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "lang", Value: c.cookie})
		}
		if got, chosen := language(r, c.preset); got != c.want || chosen != c.chosen {
			t.Errorf("language(%q, %q, %q, %q) = %s, %v", c.query, c.cookie, c.header, c.preset, got, chosen)
		}
	}
}

func TestLimiter(t *testing.T) {
	now := time.Unix(1000, 0)
	l := NewLimiter(2, 10*time.Second)
	l.now = func() time.Time { return now }
	for i, c := range []struct {
		after time.Duration
		addr  string
		ok    bool
	}{
		{0, "203.0.113.1", true},
		{0, "203.0.113.1", true},
		{0, "203.0.113.1", false},
		{0, "203.0.113.2", true}, // another client
		{9 * time.Second, "203.0.113.1", false},
		{time.Second, "203.0.113.1", true}, // refusals cost nothing
		{0, "203.0.113.1", false},
		{0, "2001:db8::1", true},
		{0, "2001:db8::2", true},
		{0, "2001:db8::3", false}, // the same /64
		{0, "2001:db8:0:1::3", true},
	} {
		now = now.Add(c.after)
		ok, wait := l.Allow(netip.MustParseAddr(c.addr))
		if ok != c.ok || !ok && (wait <= 0 || wait > 10*time.Second) {
			t.Errorf("%d: Allow(%s) = %v, %v", i, c.addr, ok, wait)
		}
	}
}

func TestLimiterIsBounded(t *testing.T) {
	l := NewLimiter(1, time.Hour)
	for i := range maxClients + 500 {
		l.Allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if len(l.byKey) != maxClients || l.recent.Len() != maxClients {
		t.Errorf("%d and %d clients, want %d", len(l.byKey), l.recent.Len(), maxClients)
	}
	if ok, _ := l.Allow(netip.AddrFrom4([4]byte{10, 0, 0, 0})); !ok {
		t.Error("the client that was silent longest was not forgotten")
	}
	if ok, _ := l.Allow(netip.AddrFrom4([4]byte{10, 0, byte((maxClients + 499) >> 8), byte((maxClients + 499) & 255)})); ok {
		t.Error("the last client was forgotten")
	}
}

func TestGuesses(t *testing.T) {
	now, a, b := time.Unix(1000, 0), netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	g := NewLimiter(3, 10*time.Second).Guesses()
	g.l.now = func() time.Time { return now }
	for n, want := range []time.Duration{0, 0, 0, 10 * time.Second, 20 * time.Second} {
		if got := g.Blocked(a); got != want {
			t.Errorf("after %d wrong tokens: %s, want %s", n, got, want)
		}
		g.Wrong(a)
	}
	if got := g.Blocked(b); got != 0 {
		t.Errorf("another address: %s", got)
	}
	if now = now.Add(time.Minute); g.Blocked(a) != 0 {
		t.Errorf("a minute later: %s", g.Blocked(a))
	}
}
