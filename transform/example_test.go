package transform_test

import (
	"fmt"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform"
)

// Log lines become entries with time, labels and metadata. The stack trace is
// part of the event that it belongs to.
func Example() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	t := transform.New(transform.Options{Location: berlin, Host: "mail"})

	var b chunk.Builder // what Fluent Bit would hand over
	arrival := time.Date(2026, 8, 2, 15, 0, 0, 0, time.UTC).UnixNano()
	for _, line := range []string{
		`2026-08-02 16:49:04,242 WARN  [qtp1-9:https://mail.example.com/service/soap/GetMsgRequest] [name=ann@example.com;mid=7;oip=198.51.100.23;] SoapEngine - handler exception`,
		`com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException: no such message: 4242`,
		"\tat com.zimbra.cs.mailbox.Mailbox.getItemById(Mailbox.java:2841)",
		`2026-08-02 16:49:05,001 INFO  [Index-1] [] index - Batch complete processed 4 in 286 ms`,
	} {
		b.Record(arrival, "log", line, "filename", "/opt/zimbra/log/mailbox.log")
	}

	run := t.Begin("zimbra", b.Bytes(), func(e *entry.Entry) {
		// e is valid until this function returns, its strings until Close.
		fmt.Println(time.Unix(0, e.Time).UTC().Format(time.RFC3339Nano), e.Labels.Text)
		for _, p := range e.Meta {
			fmt.Printf("  %s=%s\n", p.Name, p.Value)
		}
		fmt.Printf("  and %d further lines\n", len(e.More))
	})
	err = transform.Chunk(run, b.Bytes())
	run.Close(err == nil)
	// Output:
	// 2026-08-02T14:49:04.242Z {host="mail", job="zimbra", level="warn", log="mailbox", service_name="zimbra-mailbox"}
	//   detected_level=warn
	//   component=SoapEngine
	//   action=GetMsgRequest
	//   outcome=failure
	//   user=ann@example.com
	//   client_ip=198.51.100.23
	//   protocol=soap
	//   error=no such message: 4242
	//   mailbox_id=7
	//   thread=qtp1-9
	//   exception=com.zimbra.cs.mailbox.MailServiceException$NoSuchItemException
	//   and 2 further lines
	// 2026-08-02T14:49:05.001Z {host="mail", job="zimbra", level="info", log="mailbox", service_name="zimbra-mailbox"}
	//   detected_level=info
	//   component=index
	//   thread=Index-1
	//   and 0 further lines
}

// A single record needs no chunk: its fields are a chunk.Map.
func ExampleRun_Add() {
	t := transform.New(transform.Options{Location: time.UTC})
	record := chunk.NewMap("log", `{"time":"2026-08-02T14:49:04Z","level":"ERROR","msg":"disk full","free_mb":12}`)

	run := t.Begin("docker.web", record, func(e *entry.Entry) {
		fmt.Println(e.Format, e.Labels.Get("level"), e.Meta)
	})
	run.Add(&chunk.Event{Time: time.Date(2026, 8, 2, 15, 0, 0, 0, time.UTC).UnixNano(), Body: record})
	run.Finish()
	run.Close(true)
	// Output:
	// json error [{detected_level error} {error disk full}]
}
