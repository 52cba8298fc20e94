package mta

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// dovecotPeer reads "Connect from 192.0.2.1" and "Disconnect from local: Logged
// out (state=READY)".
func dovecotPeer(in *format.Input, d *format.Draft, s string) {
	switch verb, peer, _ := strings.Cut(s, " from "); verb {
	case "Connect":
		d.Set(format.FieldAction, "connect")
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, peer))
	case "Disconnect":
		peer, status, _ := strings.Cut(peer, ": ")
		d.Set(format.FieldAction, "disconnect")
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, peer))
		d.Set(format.FieldStatus, scan.ShortText(status))
	}
}

// dovecotSession reads "Disconnected: Logged out in=9 out=482 deleted=0 …" of
// imap and "… top=0/0, retr=1/456, del=0/1, size=789" of pop3
// (imap_logout_format, pop3_logout_format). What is 0 is left out, but for the
// bytes.
func dovecotSession(d *format.Draft, s string) {
	status := s
	for _, first := range [...]string{" in=", " top="} {
		if i := strings.LastIndex(s, first); i >= 0 {
			status = s[:i]
			dovecotStatistics(d, s[i+1:])
		}
	}
	rest, ok := strings.CutPrefix(status, "Disconnected: ")
	if !ok && len(status) == len(s) && !strings.HasPrefix(s, "Disconnected") {
		return
	}
	d.Set(format.FieldAction, "disconnect")
	status, reason, _ := strings.Cut(rest, " (")
	d.Set(format.FieldStatus, scan.ShortText(status))
	d.Set(format.FieldReason, scan.ShortText(strings.TrimSuffix(reason, ")")))
}

func dovecotStatistics(d *format.Draft, s string) {
	var one string
	for found := true; found; {
		one, s, found = strings.Cut(s, " ")
		key, v, _ := strings.Cut(strings.TrimSuffix(one, ","), "=")
		switch {
		case key == "in":
			d.Add("bytes_read", v)
		case key == "out":
			d.Add("bytes_written", v)
		case v == "0", v == "0/0":
		case key == "size":
			d.Add("mailbox_size", v)
		default:
			d.Add(key, v)
		}
	}
}
