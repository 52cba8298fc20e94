package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// milterMessage reads com.zimbra.cs.milter.MilterHandler, which guards
// distribution lists: the connection that Postfix makes, the client behind it
// ("Connection Info {HOSTNAME=h, ADDRESS=a, PORT=n, PROTOFAMILY=4}"), the
// headers it adds, and at DEBUG whom it turned away.
func milterMessage(in *format.Input, d *format.Draft) {
	switch s := d.Msg; {
	case strings.HasPrefix(s, "Connection opened"):
		d.Set(format.FieldAction, "connect")
	case strings.HasSuffix(s, " accepted") && strings.HasPrefix(s, "/"):
		d.Set(format.FieldAction, "connect")
		peer := strings.TrimSuffix(s[1:], " accepted")
		d.SetNew(format.FieldPort, scan.Number(peer[strings.LastIndexByte(peer, ':')+1:]))
	case strings.HasPrefix(s, "Connection closed"):
		d.Set(format.FieldAction, "disconnect")
	case strings.HasPrefix(s, "Dropping connection"), strings.HasPrefix(s, "exception caught - dropping connection"):
		d.Set(format.FieldAction, "drop")
	case strings.HasPrefix(s, "Connection Info "):
		milterClient(in, d, s)
	case strings.HasPrefix(s, "Add ") && strings.Contains(s, ": "):
		d.Set(format.FieldAction, "addheader")
	case strings.HasPrefix(s, "SMFIC_Quit"):
		d.Set(format.FieldAction, "QUIT")
	default:
		milterRefusal(d, s)
	}
}

// milterClient makes the client of the SMTP session the client of the line.
func milterClient(in *format.Input, d *format.Draft, s string) {
	ip := strings.TrimPrefix(scan.ValueOf(s, "ADDRESS=", ",}"), "IPv6:")
	if ip = scan.CanonicalIP(&in.Arena, ip); ip == "" {
		return
	}
	setBehind(d, ip)
	d.Set(format.FieldPort, scan.Number(scan.ValueOf(s, "PORT=", ",}")))
	if host := scan.ValueOf(s, "HOSTNAME=", ",}"); host != "unknown" && !strings.HasPrefix(host, "[") {
		d.Set(format.FieldClientHost, host)
	}
}

// milterRefusal reads "Sender is not allowed to email this distribution list:
// l" and "Recipient a is not allowed to forward to this distribution list: l".
func milterRefusal(d *format.Draft, s string) {
	i := strings.LastIndex(s, " this distribution list: ")
	if i < 0 || !strings.Contains(s, " is not allowed to ") {
		return
	}
	d.Set(format.FieldAction, "reject")
	d.Set(format.FieldOutcome, "rejected")
	d.Set(format.FieldTo, s[i+len(" this distribution list: "):])
	d.Set(format.FieldError, scan.FirstLine(s))
}
