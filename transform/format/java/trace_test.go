package java

import (
	"testing"
)

func TestExceptionClass(t *testing.T) {
	f := func(in, class, msg string) {
		t.Helper()
		c, m, ok := ExceptionClass(in)
		if c != class || m != msg || ok != (class != "") {
			t.Errorf("ExceptionClass(%q) = %q, %q, %v", in, c, m, ok)
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
	for _, in := range []string{
		"", "x", "Exception", "java.lang.error: lower case", "a.b.C d", "http://x.Y", "at java.lang.X", "<a.B>", ".X: y", "a.", "a.B:y", "... 25 more",
		"[CIRCULAR REFERENCE: java.lang.X: y]", "Code:service.FAILURE",
	} {
		f(in, "", "")
	}
}

func TestContinuesTrace(t *testing.T) {
	f := func(in string, want bool) {
		t.Helper()
		if got := ContinuesTrace(in); got != want {
			t.Errorf("ContinuesTrace(%q) = %v", in, got)
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
