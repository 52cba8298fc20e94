package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/internal/golden"
	"github.com/zimbraloki/zimbraloki/loki"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
)

// traced runs a trace of word in paths.
func traced(t *testing.T, word string, change func(*Options), paths ...string) (stdout, stderr string, err error) {
	t.Helper()
	cfg, err := config.ParseValues(func(key string) string { return map[string]string{"timezone": "UTC"}[key] })
	if err != nil {
		t.Fatal(err)
	}
	q := mailcase.Query{Kind: mailcase.All}
	if word != "" {
		if q, err = mailcase.Parse(word, ""); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	o := Options{Query: q, Paths: paths, Config: cfg, Width: 180, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}
	if change != nil {
		change(&o)
	}
	err = Run(t.Context(), o)
	return out.String(), errs.String(), err
}

const realLogs = "../../transform/testdata/real/"

// TestTimelinesGolden compares the lives of mails that real daemons wrote of.
func TestTimelinesGolden(t *testing.T) {
	for _, name := range []string{"delivery-rfc3339", "deferred-rfc3339", "bounced-traditional", "verdicts-traditional"} {
		src, err := os.ReadFile(realLogs + "zimbra-" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		// The date of the file tells the year of lines without one.
		file := filepath.Join(t.TempDir(), "zimbra.log")
		if err := os.WriteFile(file, src, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
		out, stderr, err := traced(t, "", nil, file)
		if err != nil || stderr != "" {
			t.Fatalf("%s: %v %s", name, err, stderr)
		}
		golden.Compare(t, filepath.Join("testdata", name+".golden"), []byte(out))
	}
}

const mtaLog = `Nov 23 08:00:01 mta1 postfix/smtpd[11]: connect from mx.example.org[198.51.100.10]
Nov 23 08:00:01 mta1 postfix/smtpd[11]: 4C8A1A0F2D3: client=mx.example.org[198.51.100.10]
Nov 23 08:00:01 mta1 postfix/cleanup[12]: 4C8A1A0F2D3: message-id=<one@example.org>
Nov 23 08:00:01 mta1 postfix/qmgr[13]: 4C8A1A0F2D3: from=<carol@example.org>, size=1200, nrcpt=1 (queue active)
Nov 23 08:00:02 mta1 postfix/lmtp[14]: 4C8A1A0F2D3: to=<anna@example.com>, relay=mail1.example.com[192.0.2.41]:7025, delay=1, delays=0/0/0.5/0.5, dsn=2.1.5, status=sent (250 2.1.5 Delivery OK)
Nov 23 08:00:02 mta1 postfix/qmgr[13]: 4C8A1A0F2D3: removed
Nov 23 08:00:09 mta1 postfix/smtpd[11]: 5D8A1A0F2D4: client=mx.example.org[198.51.100.10]
Nov 23 08:00:09 mta1 postfix/cleanup[12]: 5D8A1A0F2D4: message-id=<two@example.org>
Nov 23 08:00:09 mta1 postfix/qmgr[13]: 5D8A1A0F2D4: from=<dave@example.org>, size=900, nrcpt=1 (queue active)
`

const mailboxLog = `2026-11-23 08:00:02,100 INFO  [LmtpServer-10] [ip=192.0.2.25;] lmtp - Delivering message: size=1200 bytes, nrcpts=1, sender=carol@example.org, msgid=<one@example.org>
2026-11-23 08:00:02,200 INFO  [LmtpServer-10] [name=anna@example.com;mid=4;ip=192.0.2.25;] mailop - Adding Message: id=264, Message-ID=<one@example.org>, parentId=-1, folderId=2, folderName=Inbox acct=aa2ff2a1-5da0-4c6a-8bbd-1b8b7c0f8a11.
`

// twoHosts writes the logs of an MTA and of a mailstore.
func twoHosts(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"mta1.example.com/zimbra.log": mtaLog, "mail1.example.com/mailbox.log": mailboxLog} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestTwoHosts: whatever is asked for, the mailstore's lines stand in the
// timeline, in order of time.
func TestTwoHosts(t *testing.T) {
	dir := twoHosts(t)
	for _, word := range []string{"<one@example.org>", "4C8A1A0F2D3", "carol@example.org", "anna@example.com"} {
		out, stderr, err := traced(t, word, nil, dir)
		if err != nil || stderr != "" {
			t.Fatalf("%s: %v %s", word, err, stderr)
		}
		at := 0
		for _, want := range []string{"<one@example.org>\n", "client=mx", "to=<anna@example.com>, relay", "Delivering message", "Adding Message", "anna@example.com: delivered to mail1.example.com[192.0.2.41]:7025 after 1 s, into the folder Inbox"} {
			i := strings.Index(out[at:], want)
			if i < 0 {
				t.Fatalf("%s: no %q, in this order, in\n%s", word, want, out)
			}
			at += i
		}
		if strings.Contains(out, "<two@example.org>") {
			t.Errorf("%s: another mail is told:\n%s", word, out)
		}
	}
	if _, _, err := traced(t, "nobody@example.net", nil, dir); !errors.Is(err, ErrNothing) {
		t.Errorf("error %v, want ErrNothing", err)
	}
}

// TestUnfinished says where a mail is, and JSON says the same.
func TestUnfinished(t *testing.T) {
	out, _, err := traced(t, "<two@example.org>", func(o *Options) { o.JSON = true }, twoHosts(t))
	if err != nil {
		t.Fatal(err)
	}
	var mail struct {
		IDs      []string `json:"message_ids"`
		Complete bool     `json:"complete"`
		Stuck    string   `json:"stuck"`
		Events   []struct {
			Service string `json:"service"`
			Line    string `json:"line"`
		} `json:"events"`
	}
	if err := json.Unmarshal([]byte(out), &mail); err != nil {
		t.Fatal(err)
	}
	if mail.Complete || !strings.Contains(mail.Stuck, "5D8A1A0F2D4 on mta1") || len(mail.IDs) != 1 || len(mail.Events) < 3 {
		t.Errorf("%+v", mail)
	}
}

// TestRefused: a refusal before there was a queue id is found by its address,
// and is not taken for a mail by those who ask for all.
func TestRefused(t *testing.T) {
	const log = "Nov 23 08:00:01 mta1 postfix/smtpd[11]: connect from mx.example.org[198.51.100.10]\n" +
		"Nov 23 08:00:01 mta1 postfix/smtpd[11]: NOQUEUE: reject: RCPT from mx.example.org[198.51.100.10]: 550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown; from=<carol@example.org> to=<nobody@example.com> proto=ESMTP helo=<mx.example.org>\n"
	stdin := func(o *Options) { o.Stdin = strings.NewReader(log) }
	out, _, err := traced(t, "nobody@example.com", stdin, "-")
	if err != nil || !strings.Contains(out, "nobody@example.com: refused: ") || !strings.Contains(out, "User unknown") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, _, err := traced(t, "", stdin, "-"); !errors.Is(err, ErrNothing) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLimit(t *testing.T) {
	out, stderr, err := traced(t, "", func(o *Options) { o.Limit = 1 }, twoHosts(t))
	if err != nil || strings.Count(out, "queue ids") != 1 || !strings.Contains(stderr, "1 more mail matches; --limit is 1") {
		t.Errorf("%v %q\n%s", err, stderr, out)
	}
}

// TestSince: times bound the line that matches, not the mail's others.
func TestSince(t *testing.T) {
	dir := twoHosts(t)
	late := func(o *Options) { o.Since = time.Now().Add(48 * time.Hour) }
	if _, _, err := traced(t, "carol@example.org", late, dir); !errors.Is(err, ErrNothing) {
		t.Errorf("error %v, want ErrNothing", err)
	}
}

// TestGroups: complete groups first, then those that wait.
func TestGroups(t *testing.T) {
	out, _, err := traced(t, "", func(o *Options) { o.Groups, o.Paths = true, []string{"-"}; o.Stdin = strings.NewReader(mtaLog) })
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(mtaLog, "\n")
	// smtpd's session took both mails: its lines before belong to the second too.
	want := strings.Join(lines[:6], "") + "\n"
	if !strings.HasPrefix(out, want) || !strings.Contains(out[len(want):], lines[8]) {
		t.Errorf("got\n%s", out)
	}
}

// TestLoki asks a server that answers as Loki does.
func TestLoki(t *testing.T) {
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.Header.Get("X-Scope-OrgID")+" "+r.URL.Query().Get("query"))
		line := func(ns, text, meta string) string {
			return `["` + ns + `","` + text + `",{"structuredMetadata":{` + meta + `}}]`
		}
		const id, postfix = `"message_id":"<one@example.org>","queue_id":"4C8A1A0F2D3","program":"postfix/x","pid":"1"`, `{"stream":{"host":"mta1","service_name":"postfix"},"values":[`
		receive := line("1795420801000000000", "client=mx", id+`,"component":"smtpd","action":"receive","client_ip":"198.51.100.10"`)
		deliver := line("1795420802000000000", "to=<anna@example.com>", id+`,"component":"lmtp","action":"deliver","outcome":"success","to":"anna@example.com","relay":"mail1:7025"`)
		remove := line("1795420803000000000", "removed", id+`,"component":"qmgr","action":"removed"`)
		values := deliver
		if strings.Contains(r.URL.Query().Get("query"), "message_id=") {
			values = receive + "," + deliver + "," + remove
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"streams","result":[` + postfix + values + `]}]}}`))
	}))
	defer s.Close()
	client, err := loki.NewClient(loki.Options{URL: s.URL + loki.PushPath, TenantID: "mail", Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := traced(t, "anna@example.com", func(o *Options) { o.Loki, o.Selector = client, `{job="zimbra"}` })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "anna@example.com: delivered to mail1:7025 after 1 s") || strings.Count(out, "removed") != 1 {
		t.Errorf("got\n%s", out)
	}
	want := `/loki/api/v1/query_range mail {job="zimbra"} | message_id="<one@example.org>" or original_message_id="<one@example.org>"`
	if len(asked) != 2 || asked[1] != want {
		t.Errorf("asked %q", asked)
	}
}

// TestSecondPass: the mailstore's clock is ten minutes ahead, and only its log
// names the user; by then the MTA's lines were done with.
func TestSecondPass(t *testing.T) {
	dir := twoHosts(t)
	filler := strings.Repeat("Nov 23 08:06:00 mta1 postfix/smtpd[77]: connect from mx.example.org[198.51.100.10]\n", 3000)
	for name, text := range map[string]string{"mta1.example.com/zimbra.log": mtaLog + filler, "mail1.example.com/mailbox.log": strings.ReplaceAll(mailboxLog, "08:00:02", "08:10:02")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _, err := traced(t, "anna", nil, dir)
	if err != nil || !strings.Contains(out, "client=mx") || !strings.Contains(out, "Adding Message") {
		t.Errorf("%v\n%s", err, out)
	}
}
