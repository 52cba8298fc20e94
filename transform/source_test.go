package transform

import (
	"testing"
)

func TestLogName(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := logName(in); got != want {
			t.Errorf("logName(%q) = %q, want %q", in, got, want)
		}
	}
	f("/opt/zimbra/log/mailbox.log", "mailbox")
	f("/opt/zextras/log/audit.log", "audit")
	f("mailbox.log", "mailbox")
	f("/opt/zimbra/log/mailbox.log.2026-08-02", "mailbox")
	f("/opt/zimbra/log/mailbox.log.2026-08-02.gz", "mailbox")
	f("/opt/zimbra/log/imapd-audit.log", "imapd-audit")
	f("/opt/zimbra/log/zmconfigd-log4j.log", "zmconfigd-log4j")
	// Tags hold a path with dots for slashes.
	f("zimbra.opt.zimbra.log.audit.log", "audit")
	f("zimbra.var.log.zimbra.log.mailbox.log.2026-08-02", "mailbox")
	f("zimbra.mailbox", "mailbox")
	f("audit", "audit")
	f("/var/log/zimbra.log", "")
	f("/opt/zimbra/log/nginx.access.log", "")
	f("/srv/notmailbox.log", "")
	f("kube.var.log.containers.web-1_default_web-0a.log", "")
	f("", "")
	f("/", "")
	f(".log", "")
}
