package mailtrace

import (
	"strings"
	"testing"
)

func TestBefore(t *testing.T) {
	f := func(clientIP, ip, want string) {
		t.Helper()
		l := Line{Program: Postfix, Action: "receive", QueueID: "Q2", OrigQueueID: "Q1", ClientIP: clientIP, IP: ip}
		if got := l.Before(); got != want {
			t.Errorf("client %q, peer %q: %q, want %q", clientIP, ip, got, want)
		}
	}
	f("198.51.100.7", "127.0.0.1", "Q1") // orig_client is the client
	f("2001:db8::7", "::1", "Q1")
	f("127.0.0.1", "", "Q1") // the filter was told of no client
	f("198.51.100.7", "192.0.2.9", "")
	f("192.0.2.9", "", "")
	f("", "", "") // hidden
}

func TestAfter(t *testing.T) {
	f := func(l Line, want string) {
		t.Helper()
		var ids []string
		for list := l.After(); ; {
			var id string
			if id, list = NextID(list); id == "" {
				break
			}
			ids = append(ids, id)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
	f(Line{Program: Postfix, Outcome: "hop", QueuedAs: "4A1B2C3D4E6"}, "4A1B2C3D4E6")
	f(Line{Program: Postfix, Outcome: "success", Relay: "local", QueuedAs: "4A1B2C3D4E6"}, "4A1B2C3D4E6")
	f(Line{Program: Postfix, Outcome: "success", Relay: "mx.example.net[203.0.113.5]:25", QueuedAs: "4A1B2C3D4E6"}, "")
	f(Line{Program: Amavis, QueuedAs: "D4B2C9867FD/EB345986809"}, "D4B2C9867FD EB345986809")
	f(Line{Program: Amavis, QueuedAs: "4jXz7625rLz1SGJs"}, "4jXz7625rLz1SGJs")
	f(Line{Program: Amavis, QueuedAs: "<>"}, "")
	f(Line{Program: Amavis}, "")
}

func TestAnother(t *testing.T) {
	begins := Line{Program: Postfix, Action: "receive", QueueID: "Q1"}
	repeated := begins
	repeated.Repeated = true
	names := Line{Program: Postfix, Action: "message-id", QueueID: "Q1", MessageID: "<1@a>"}
	resent := Line{Program: Postfix, Action: "message-id", QueueID: "Q1"}
	amavis := Line{Program: Amavis, Action: "scan", QueueID: "Q1", MessageID: "<1@a>"}
	f := func(s Seen, l Line, want bool) {
		t.Helper()
		if got := s.Another(&l); got != want {
			t.Errorf("%+v, then %+v: %v, want %v", s, l, got, want)
		}
	}
	f(Seen{}, begins, false) // qmgr's line, and then the log of the day before
	f(Seen{Begun: true}, begins, true)
	f(Seen{Begun: true}, repeated, false)
	f(Seen{MessageID: "<1@a>"}, begins, true)
	f(Seen{Begun: true, Ended: true}, names, true)
	f(Seen{Begun: true}, names, false)
	f(Seen{MessageID: "<1@a>"}, names, false)
	f(Seen{MessageID: "<2@a>"}, names, true)
	f(Seen{MessageID: "<2@a>"}, resent, false)
	f(Seen{MessageID: "<2@a>", Ended: true}, amavis, false)
}

func TestOtherPeer(t *testing.T) {
	f := func(before string, l Line, want bool) {
		t.Helper()
		if got := OtherPeer(before, l.Peer()); got != want {
			t.Errorf("%q, then %q: %v, want %v", before, l.Peer(), got, want)
		}
	}
	smtpd := Line{Program: Postfix, Component: "smtpd", ClientIP: "192.0.2.7"}
	f("192.0.2.8", smtpd, true)
	f("192.0.2.7", smtpd, false)
	f("", smtpd, false)
	f("127.0.0.1", smtpd, false) // XCLIENT
	f("192.0.2.8", Line{Program: Postfix, Component: "smtpd"}, false)
	f("127.0.0.1", Line{Program: Postfix, Component: "smtpd", ClientIP: "192.0.2.7", IP: "127.0.0.1"}, false) // behind a filter
	f("192.0.2.8", Line{Program: Postfix, Component: "smtp", ClientIP: "192.0.2.7"}, false)
	f("192.0.2.8", Line{Program: Amavis, ClientIP: "192.0.2.7"}, false)
}
