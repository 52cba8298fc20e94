package redact

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/internal/sample"
)

// BenchmarkRedact is the cost of looking for secrets, by kind of line: where
// there is none, the filter alone.
func BenchmarkRedact(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"mailbox", sample.Mailbox},
		{"postfix", "Aug  2 16:49:04 mail postfix/smtp[4711]: 4Zk0hT1Wx2z9: to=<ivanov@example.com>, relay=127.0.0.1[127.0.0.1]:10026, delay=0.4, delays=0.1/0/0/0.3, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10030): 250 2.0.0 Ok: queued as 4Zk0hT2Bq1z9)"},
		{"audit-secret", "2026-03-08 03:00:00,000 INFO  [qtp1-2:https://mail.example.com:7071/service/admin/soap/ModifyAccountRequest] [name=admin@example.com;mid=1;ip=192.0.2.10;] security - cmd=CreateAccount; name=ann@example.com; userPassword=hunter2; displayName=Ann;; Beta; zimbraAccountStatus=active;"},
		{"soap-secret", `zmpost: url='https://mail.example.com:7073/service/admin/soap/' returned buffer->data='<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body><AuthResponse xmlns="urn:zimbraAccount"><authToken>0_1111</authToken><lifetime>1</lifetime></AuthResponse></soap:Body></soap:Envelope>', hti->error=''`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			var dst []byte
			var rules scrubber
			for b.Loop() {
				if MaySecret(c.text) || MayUserinfo(c.text) {
					if rules.find(c.text, -1) {
						dst = appendCut(dst[:0], c.text, rules.found)
					}
				}
			}
		})
	}
}
