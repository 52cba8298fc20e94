package tickets_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

func TestCleanName(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := tickets.CleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	f("logs.tar.gz", "logs.tar.gz")
	f("журнал за день.tgz", "журнал за день.tgz")
	f("../../etc/passwd", "passwd")
	f(`C:\temp\logs.zip`, "logs.zip")
	f("/", "archive")
	f("..", "archive")
	f(".", "archive")
	f("", "archive")
	f(".htaccess", "htaccess")
	f("a\r\nSet-Cookie: x=1.zip", "a__Set-Cookie_ x=1.zip")
	f("a\x1b[31m.zip", "a_[31m.zip")
	f("exe\u202egpj.zip", "exe_gpj.zip")
	f(`a"b<c>.zip`, "a_b_c_.zip")
	f("a\xff.zip", "a_.zip")
	f(strings.Repeat("я", 200)+".tar.zst", strings.Repeat("я", 92)+".tar.zst")
	f("x."+strings.Repeat("y", 200), "x."+strings.Repeat("y", 98))
}

// FuzzCleanName: a name is one part of a path, visible, short and stays what it
// is when it is cleaned again.
func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"a.tar.gz", "../x", "\x00", ". .", "a/.b", strings.Repeat(".tar", 40), "  .x ", "\u2066"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := tickets.CleanName(in)
		switch {
		case got == "", !utf8.ValidString(got), utf8.RuneCountInString(got) > tickets.MaxNameLength:
			t.Errorf("%q: %q", in, got)
		case filepath.Base(got) != got, strings.ContainsAny(got, "/\\\"\r\n\x00"), strings.HasPrefix(got, "."):
			t.Errorf("%q: %q is no name", in, got)
		case tickets.CleanName(got) != got:
			t.Errorf("%q: %q, cleaned again %q", in, got, tickets.CleanName(got))
		}
	})
}

// TestBadValues: what a form may not hold, and which field is told.
func TestBadValues(t *testing.T) {
	d := open(t, nil)
	f := func(n tickets.NewTicket, field string) {
		t.Helper()
		_, _, err := d.CreateTicket(d.ctx, d.ivan, n)
		var wrong *tickets.FieldError
		if field == "" {
			d.no(err)
		} else if !errors.As(err, &wrong) || wrong.Field != field || tickets.Status(err) != 400 {
			t.Errorf("%+v: %v", n, err)
		}
	}
	good := tickets.NewTicket{Number: "SUP-1488", Platform: "vm6"}
	f(good, "")
	_, _, err := d.CreateTicket(d.ctx, d.ivan, good)
	d.is(err, model.ErrExists)
	for _, number := range []string{"", "-1", "a b", "a/b", "../x", "№1", strings.Repeat("1", 65), "1\n"} {
		f(tickets.NewTicket{Number: number, Platform: "vm6"}, "number")
	}
	f(tickets.NewTicket{Number: "2", Platform: "none"}, "platform")
	f(tickets.NewTicket{Number: "2", Platform: "vm6", Attempts: ptr(11)}, "attempts")
	f(tickets.NewTicket{Number: "2", Platform: "vm6", Attempts: ptr(-1)}, "attempts")
	_, err = d.UpdateTicket(d.ctx, d.ivan, "SUP-1488", model.TicketChange{Attempts: ptr(11)})
	d.is(err, tickets.ErrBadValue)
	_, err = d.UpdateTicket(d.ctx, d.ivan, "SUP-1488", model.TicketChange{Platform: ptr("none")})
	d.is(err, tickets.ErrBadValue)
	_, err = d.UpdateTicket(d.ctx, d.ivan, "SUP-1488", model.TicketChange{Number: ptr("")})
	d.is(err, tickets.ErrBadValue)
	for _, p := range []model.Platform{{Name: "a b", PrettyName: "x"}, {Name: strings.Repeat("a", 21), PrettyName: "x"}, {Name: "", PrettyName: "x"}, {Name: "a"}} {
		_, err := d.CreatePlatform(d.ctx, d.admin, p)
		d.is(err, tickets.ErrBadValue)
	}
}
