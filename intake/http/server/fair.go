package server

import (
	"net"
	"net/netip"
	"sync"

	"github.com/zimbraloki/zimbraloki/intake/http/guard"
)

// fair is a listener that closes connections of an address that has its share
// already, so that one client cannot take all that the system gives. Proxies that
// are trusted are exempt: they speak for many. A network of IPv6 (/64) is one
// address.
type fair struct {
	net.Listener
	proxies guard.Proxies
	most    int

	mu   sync.Mutex
	open map[netip.Prefix]int
}

// Accept implements net.Listener.
func (f *fair) Accept() (net.Conn, error) {
	for {
		c, err := f.Listener.Accept()
		if err != nil {
			return nil, err
		}
		key, counts := f.key(c)
		if !counts {
			return c, nil
		}
		if f.enter(key) {
			return &share{TCPConn: c.(*net.TCPConn), leave: sync.OnceFunc(func() { f.leave(key) })}, nil
		}
		_ = c.Close()
	}
}

func (f *fair) key(c net.Conn) (key netip.Prefix, counts bool) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return key, false
	}
	at, ok := tcp.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return key, false // the client is gone
	}
	a := at.AddrPort().Addr().Unmap().WithZone("")
	if f.proxies.Trust(a) {
		return key, false
	}
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	key, err := a.Prefix(bits)
	return key, err == nil
}

func (f *fair) enter(key netip.Prefix) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[key] >= f.most {
		return false
	}
	f.open[key]++
	return true
}

func (f *fair) leave(key netip.Prefix) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[key]--; f.open[key] <= 0 {
		delete(f.open, key)
	}
}

// share is a connection that counts.
type share struct {
	*net.TCPConn // not net.Conn, which hides how to copy a file without reading it
	leave        func()
}

// Close implements net.Conn.
func (s *share) Close() error {
	s.leave()
	return s.TCPConn.Close()
}
