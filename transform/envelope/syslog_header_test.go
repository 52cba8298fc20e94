package envelope

import "testing"

func TestScanSyslogLine(t *testing.T) {
	f := func(in, stamp, host, tag, pid, rest string) {
		t.Helper()
		h, ok := scanSyslogLine(in)
		if !ok {
			t.Errorf("%q is not taken for syslog", in)
			return
		}
		if h.Stamp != stamp || h.Host != host || h.Tag != tag || h.PID != pid || in[h.Skip:] != rest {
			t.Errorf("%q\n got %q %q %q %q %q\nwant %q %q %q %q %q", in, h.Stamp, h.Host, h.Tag, h.PID, in[h.Skip:], stamp, host, tag, pid, rest)
		}
	}
	f("Aug  2 16:49:04 mail postfix/smtpd[7]: x", "Aug  2 16:49:04", "mail", "postfix/smtpd", "7", "x")
	f("<22>1 2026-08-02T16:49:04.123456+03:00 mail postfix/smtpd 7 - - x y", "2026-08-02T16:49:04.123456+03:00", "mail", "postfix/smtpd", "7", "x y")
	f("<22>1 2026-08-02T16:49:04Z mail app - ID47 [a b=\"c\\\"] d\"][e@1] \ufeffx", "2026-08-02T16:49:04Z", "mail", "app", "", "x")
	f("<22>1 2026-08-02T16:49:04Z mail app - - -", "2026-08-02T16:49:04Z", "mail", "app", "", "")
	f("/var/log/zimbra.log.1.gz:Dec  9 09:35:29 mail slapd[3]: x", "Dec  9 09:35:29", "mail", "slapd", "3", "x")
	f("zimbra.log:17:Dec  9 09:35:29 mail slapd[3]: x", "Dec  9 09:35:29", "mail", "slapd", "3", "x")
	f("./a.log:2026-08-02T16:49:04Z mail slapd[3]: x", "2026-08-02T16:49:04Z", "mail", "slapd", "3", "x")
	f("Aug  2 16:49:04 mail last message repeated 3 times", "Aug  2 16:49:04", "mail", "", "", "last message repeated 3 times")
	f("Aug  2 16:49:04 --- last message repeated 3 times ---", "Aug  2 16:49:04", "", "", "", "last message repeated 3 times ---")
	f("Aug  2 16:49:04 mail --- last message repeated 3 times ---", "Aug  2 16:49:04", "mail", "", "", "last message repeated 3 times ---")
	f("1 2026-08-02T16:49:04Z mail postfix/smtpd 7 - - x y", "2026-08-02T16:49:04Z", "mail", "postfix/smtpd", "7", "x y")
	f("2026-08-02T16:49:04Z mail postfix/smtpd 7 - - x y", "2026-08-02T16:49:04Z", "mail", "postfix/smtpd", "7", "x y")
	f("<22>1 2026-08-02T16:49:04Z - postfix/smtpd 7 - - x y", "2026-08-02T16:49:04Z", "", "postfix/smtpd", "7", "x y")
	f("mail nginx[983]: 2026/08/02 16:49:04 [error] x", "", "mail", "nginx", "983", "2026/08/02 16:49:04 [error] x")

	for _, in := range []string{
		"", "x", "<22>1 ", "mail nginx[983]: x", "thread [1]: 2026", "2026-08-02T16:49:04Z mail a b c - x", "<22>2 2026-08-02T16:49:04Z mail app - - - x", "<22>1 - mail app - - - x", "<22>1 2026-08-02T16:49:04Z mail - - - - x",
		"<22>1 2026-08-02T16:49:04Z mail app - - [a b=\"c x", "a b:Dec  9 09:35:29 mail slapd[3]: x", "zimbra.log:17:18:Dec  9 09:35:29 mail x: y",
	} {
		if h, ok := scanSyslogLine(in); ok {
			t.Errorf("%q is taken for syslog: %+v", in, h)
		}
	}
}
