package transform

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
)

// benchArrival is the arrival of the first record of the generated logs.
var benchArrival = time.Date(2026, 8, 2, 16, 49, 4, 0, time.UTC).UnixNano()

// mailboxLines writes a day at a mailstore: SOAP requests, IMAP commands,
// deliveries, logins, index batches, and a stack trace in 250 events.
func mailboxLines(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	agents := []string{
		"ZimbraWebClient - GC118 (Win)/9.0.0_GA_4583", "Zimbra Desktop/7.3.1;; Java 1.8 (Windows 10;; x64)",
		"ZimbraConnectorForOutlook/9.0.0.1898", "Mozilla/5.0 (Macintosh;; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", "zclient/9.0.0_GA_4583",
	}
	requests := []string{"SearchRequest", "GetMsgRequest", "NoOpRequest", "BatchRequest", "SyncRequest"}
	commands := []string{"UID FETCH", "NOOP", "SELECT", "IDLE", "STATUS"}
	ip := func() string { return fmt.Sprintf("198.51.100.%d", r.IntN(256)) }
	var lines []string
	for i := 0; len(lines) < n; i++ {
		at := time.Unix(0, benchArrival).UTC().Add(time.Duration(i) * 5 * time.Millisecond).Format("2006-01-02 15:04:05,000")
		user := fmt.Sprintf("user%04d@example.com", r.IntN(2000))
		agent, req, cmd := agents[r.IntN(len(agents))], requests[r.IntN(len(requests))], commands[r.IntN(len(commands))]
		web := fmt.Sprintf("[qtp1286783232-%d:https://mail.example.com/service/soap/%s] [name=%s;mid=%d;oip=%s;port=%d;ua=%s;soapId=%x;]",
			r.IntN(99999), req, user, r.IntN(4000), ip(), 1024+r.IntN(60000), agent, r.Uint32())
		lmtp := fmt.Sprintf("[LmtpServer-%d] [name=%s;mid=%d;ip=%s;]", r.IntN(500), user, r.IntN(4000), ip())
		switch k := r.IntN(1000); {
		case k < 350:
			lines = append(lines, fmt.Sprintf("%s INFO  %s soap - %s elapsed=%d", at, web, req, r.IntN(300)))
		case k < 600:
			lines = append(lines, fmt.Sprintf("%s INFO  [ImapSSLServer-%d] [name=%s;mid=%d;ip=%s;oip=%s;via=%s(nginx/1.19.0-zimbra);ua=Zimbra/9.0.0_GA_4583;cid=%d;] imap - %s elapsed=%d",
				at, r.IntN(500), user, r.IntN(4000), ip(), ip(), ip(), r.IntN(1<<20), cmd, r.IntN(40)))
		case k < 800:
			lines = append(lines, fmt.Sprintf("%s INFO  %s mailop - Adding Message: id=%d, Message-ID=<%d.%d.JavaMail.zimbra@example.com>, parentId=-1, folderId=2, folderName=Inbox acct=0a1b2c3d-0000-4000-8000-%012x.",
				at, lmtp, r.IntN(1<<20), r.IntN(1<<30), r.IntN(1<<30), r.IntN(1<<30)))
		case k < 900:
			lines = append(lines, fmt.Sprintf("%s INFO  [LmtpServer-%d] [ip=%s;] lmtp - Delivering message: size=%d bytes, nrcpts=1, sender=%s, msgid=<%d.%d@mx.example.net>",
				at, r.IntN(500), ip(), r.IntN(1<<20), user, r.IntN(1<<30), r.IntN(1<<30)))
		case k < 970:
			lines = append(lines, fmt.Sprintf("%s INFO  %s account - Authentication successful for user: %s", at, web, user))
		case k < 996:
			lines = append(lines, fmt.Sprintf("%s INFO  [Index-%d] [] index - Batch complete processed 4 in %d ms", at, r.IntN(9), r.IntN(400)))
		default:
			lines = append(lines, fmt.Sprintf("%s WARN  %s SoapEngine - handler exception", at, web),
				"com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException: no such folder id: 4711",
				"ExceptionId:qtp1286783232-12:1785689344000:5b4fc290317d42f4", `Code:mail.NO_SUCH_FOLDER Arg:(itemId, IID, "4711")`)
			for range 8 + r.IntN(20) {
				lines = append(lines, "\tat com.zimbra.cs.mailbox.Mailbox.getItemById(Mailbox.java:2841) [zimbrastore.jar:9.0.0_GA_4583]")
			}
		}
	}
	return lines
}

// chunkOf puts lines into one chunk as tail does, all arrived within a second.
func chunkOf(lines []string, arrival int64) []byte {
	var b chunk.Builder
	for i, s := range lines {
		b.Line(arrival+int64(i)*1000, "log", s)
	}
	return b.Bytes()
}

// transformChunk runs one chunk through t.
func transformChunk(t *Transform, tag string, data []byte, emit func(*entry.Entry)) {
	var rd chunk.Reader
	var ev chunk.Event
	rd.Reset(data)
	r := t.Begin(tag, data, emit)
	for rd.Next(&ev) {
		r.Add(&ev)
	}
	r.Finish()
	r.Close(true)
}

// BenchmarkMailbox is the cost of one line of mailbox.log, decoding of the
// chunk included.
//
//	go test -bench Mailbox -benchmem ./transform
func BenchmarkMailbox(b *testing.B) {
	lines := mailboxLines(10000)
	size := len(strings.Join(lines, "\n")) + 1
	t := New(Options{Host: "mail", Location: time.UTC})
	data := chunkOf(lines, benchArrival+int64(time.Minute))
	n := 0
	emit := func(*entry.Entry) { n++ }
	b.SetBytes(int64(size) / int64(len(lines)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(lines) == 0 {
			transformChunk(t, "zimbra.mailbox", data, emit)
		}
	}
	if n == 0 {
		b.Fatal("no entries")
	}
}
