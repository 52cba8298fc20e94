package transform

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestValidUTF8(t *testing.T) {
	var a arena
	f := func(in, want string) {
		t.Helper()
		if got := validUTF8(&a, in); got != want {
			t.Errorf("validUTF8(%q) = %q, want %q", in, got, want)
		}
	}
	f("", "")
	f("plain", "plain")
	f("é€😀", "é€😀")
	f("a\x00b\rc\x7f", "a\x00b\rc\x7f") // valid, if odd
	f("\xff", "\uFFFD")
	f("a\xffb\xfec", "a\uFFFDb\uFFFDc")
	f("\xe2\x82", "\uFFFD\uFFFD") // a cut euro: one for each byte
	f("\xe2\x82é", "\uFFFD\uFFFDé")
	f("\xc0\x80", "\uFFFD\uFFFD")
	f("\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD") // a surrogate
	f("\uFFFD\xff", "\uFFFD\uFFFD")
	f(strings.Repeat("\xff", 9), strings.Repeat("\uFFFD", 9))
}

func FuzzValidUTF8(f *testing.F) {
	f.Add("a\xffé\xe2\x82", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		var a arena
		got := validUTF8(&a, s)
		if want := string([]rune(s)); got != want { // Go's conversion replaces byte for byte too
			t.Fatalf("validUTF8(%q) = %q, want %q", s, got, want)
		}
		k := cutRunes(got, n)
		if n >= 0 && (k > n && k > 0 || !utf8.ValidString(got[:k]) || !utf8.ValidString(got[k:])) {
			t.Errorf("cutRunes(%q, %d) = %d", got, n, k)
		}
		if n >= 0 && k < len(got) && n-k >= utf8.UTFMax {
			t.Errorf("cutRunes(%q, %d) = %d cuts too much", got, n, k)
		}
	})
}

func TestCutRunes(t *testing.T) {
	f := func(in string, n, want int) {
		t.Helper()
		if got := cutRunes(in, n); got != want {
			t.Errorf("cutRunes(%q, %d) = %d, want %d", in, n, got, want)
		}
	}
	f("abc", 5, 3)
	f("abc", 3, 3)
	f("abc", 2, 2)
	f("abc", 0, 0)
	f("é", 1, 0)
	f("aé", 2, 1)
	f("a€b", 3, 1)
	f("a€b", 4, 4)
	f("😀", 3, 0)
	f("", 0, 0)
}

func TestExceptionClass(t *testing.T) {
	f := func(in, class, msg string) {
		t.Helper()
		c, m, ok := exceptionClass(in)
		if c != class || m != msg || ok != (class != "") {
			t.Errorf("exceptionClass(%q) = %q, %q, %v", in, c, m, ok)
		}
	}
	f("java.lang.NullPointerException", "java.lang.NullPointerException", "")
	f("java.lang.NullPointerException\r", "java.lang.NullPointerException", "")
	f("java.lang.NullPointerException: null", "java.lang.NullPointerException", "null")
	f("com.zimbra.cs.account.AccountServiceException$AuthFailedServiceException: authentication failed for [a]",
		"com.zimbra.cs.account.AccountServiceException$AuthFailedServiceException", "authentication failed for [a]")
	f("java.io.IOException:", "java.io.IOException", "")
	f("java.io.IOException: ", "java.io.IOException", "")
	f("com.sun.mail.smtp.SMTPSendFailedException: 452 4.3.1: too big: x", "com.sun.mail.smtp.SMTPSendFailedException", "452 4.3.1: too big: x")
	f(`Exception in thread "main" java.lang.Error: x`, "java.lang.Error", "x")
	for _, in := range []string{"", "x", "Exception", "java.lang.error: lower case", "a.b.C d", "http://x.Y", "at java.lang.X", "<a.B>", ".X: y", "a.", "a.B:y", "... 25 more",
		"[CIRCULAR REFERENCE: java.lang.X: y]", "Code:service.FAILURE"} {
		f(in, "", "")
	}
}

func TestContinuesTrace(t *testing.T) {
	f := func(in string, want bool) {
		t.Helper()
		if got := continuesTrace(in); got != want {
			t.Errorf("continuesTrace(%q) = %v", in, got)
		}
	}
	f("\tat a.b.C.d(C.java:1)", true)
	f("        at a.b.C.d (C.java:1)", true)
	f("\t... 25 more", true)
	f("\tSuppressed: java.io.IOException: x", true)
	f("\tCaused by: java.io.IOException: x", true)
	f("Caused by: java.io.IOException: x", true)
	f("ExceptionId:qtp1-1:1:2", true)
	f("Code:service.FAILURE", true)
	f("", false)
	f("\tattic", false)
	f("java.io.IOException: x", false)
	f("Connected", false)
	f("  indented text", false)
}

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

func TestIsSecretKey(t *testing.T) {
	f := func(in string, want bool) {
		t.Helper()
		if got := isSecretKey(in); got != want {
			t.Errorf("isSecretKey(%q) = %v", in, got)
		}
	}
	for _, in := range []string{"userPassword", "password", "PASSWORD", "zimbraAuthLdapSearchBindPassword", "zimbraGalLdapBindPassword", "zimbraPreAuthKey",
		"zimbraDataSourcePassword", "PassWd", "http_passwd", "clientSecret", "zimbraSslPrivateKey", "zimbraAuthTokenKey", "authtoken", "ldapBindPw", "BINDPW"} {
		f(in, true)
	}
	for _, in := range []string{"", "name", "description", "zimbraMailForwardingAddress", "secre", "zimbraPreAuth", "tok\xffen", "été", "zimbraPasswordMinLength", "zimbraFeatureChangePasswordEnabled", "authTokenLifetime", "bypass"} {
		f(in, false)
	}
}
