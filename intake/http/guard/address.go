package guard

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the addresses whose X-Forwarded-For and X-Forwarded-Proto are
// believed.
type Proxies []netip.Prefix

// Trust reports whether an address is one of them.
func (p Proxies) Trust(a netip.Addr) bool {
	for _, n := range p {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// Client is the address a request comes from: the last one of
// X-Forwarded-For that is not a proxy of ours, where the connection itself is
// from one. What stands before it is the client's own claim.
func (p Proxies) Client(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	a = a.Unmap().WithZone("")
	if !p.Trust(a) {
		return a
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return a
		}
		if a = hop.Unmap().WithZone(""); !p.Trust(a) {
			return a
		}
	}
	return a
}

// Secure reports whether the client came over TLS, here or at a proxy.
func (p Proxies) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	a, err := netip.ParseAddr(host)
	return err == nil && p.Trust(a.Unmap().WithZone("")) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// Hosts are the names a server answers to. "*" is any, ".example.com" is a
// domain and all below it.
type Hosts []string

// Allowed reports whether a Host header names this server.
func (h Hosts) Allowed(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for _, want := range h {
		want = strings.ToLower(strings.Trim(want, "[]"))
		switch {
		case want == "*", want == name:
			return name != ""
		case strings.HasPrefix(want, ".") && (strings.HasSuffix(name, want) || name == want[1:]):
			return true
		}
	}
	return false
}
