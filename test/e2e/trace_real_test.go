package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/dev/lokirun"
)

// tracePlugin is a pipeline for zimbra.log whose lines name their host.
func tracePlugin(t *testing.T, l *lokirun.Server) *plugin {
	t.Helper()
	return openPlugin(t, l, map[string]string{"labels": "job=zimbra"})
}

func (p *plugin) flushLines(now time.Time, path string, lines []string) {
	p.t.Helper()
	var b chunk.Builder
	for i, l := range lines {
		b.Record(now.UnixNano()+int64(i), "filename", path, "log", l)
	}
	p.flush("zimbra", bytes.Clone(b.Bytes()))
}

var (
	realQueueLine = regexp.MustCompile(`(?:postfix/[a-z/]+|opendkim)\[\d+\]: ([0-9A-F]{9,12}): `)
	realVerdict   = regexp.MustCompile(`amavis\[\d+\]: .*, Queue-ID: ([0-9A-F]{9,12}), `)
	realMessageID = regexp.MustCompile(`postfix/cleanup\[\d+\]: ([0-9A-F]{9,12}): message-id=(<\S+>)$`)
)

// byMessageID groups the lines that hold a queue id by the message-id that
// cleanup logged for it. In the fixtures no queue id comes twice.
func byMessageID(lines []string) map[string][]string {
	ids := map[string]string{}
	for _, l := range lines {
		if m := realMessageID.FindStringSubmatch(l); m != nil {
			ids[m[1]] = m[2]
		}
	}
	mails := map[string][]string{}
	for _, l := range lines {
		m := realQueueLine.FindStringSubmatch(l)
		if m == nil {
			m = realVerdict.FindStringSubmatch(l)
		}
		if m != nil && ids[m[1]] != "" {
			mails[ids[m[1]]] = append(mails[ids[m[1]]], l)
		}
	}
	return mails
}

// TestTraceRealMails sends what real daemons wrote of delivered, deferred and
// bounced mails, each log in one chunk, and looks at what each message-id finds.
func TestTraceRealMails(t *testing.T) { each(t, lokirun.Options{}, testTraceRealMails) }

func testTraceRealMails(t *testing.T, l *lokirun.Server) {
	p := tracePlugin(t, l)
	now := time.Now()
	mails := map[string][]string{}
	for _, name := range []string{"zimbra-delivery-traditional.log", "zimbra-deferred-rfc3339.log", "zimbra-bounced-traditional.log"} {
		data, err := os.ReadFile(filepath.Join("../../transform/testdata/real", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		p.flushLines(now, "/var/log/zimbra.log", lines)
		for id, ls := range byMessageID(lines) {
			mails[id] = append(mails[id], ls...)
		}
	}
	got := map[string][]string{}
	for _, e := range query(t, l, `{job="zimbra"} | message_id!=""`) {
		got[e.Metadata["message_id"]] = append(got[e.Metadata["message_id"]], e.Line)
	}
	fate := map[string]int{}
	for id, want := range mails {
		if missing := without(want, got[id]); len(missing) > 0 {
			t.Errorf("%s: %d of %d lines are missing:\n%s", id, len(missing), len(want), strings.Join(missing, "\n"))
		}
		for _, line := range without(got[id], want) { // lines without a queue id may be found too
			if realQueueLine.MatchString(line) {
				t.Errorf("%s: a line of another mail: %s", id, line)
			}
		}
		for _, status := range []string{"sent", "deferred", "bounced"} {
			if strings.Contains(strings.Join(want, "\n"), "status="+status) {
				fate[status]++
			}
		}
	}
	t.Logf("%d mails: %v", len(mails), fate)
	if fate["sent"] < 5 || fate["deferred"] < 3 || fate["bounced"] < 3 {
		t.Errorf("the fixtures hold too few mails: %v", fate)
	}
}

var seedCommand = regexp.MustCompile(`# collate\.pl /var/log/zimbra\.log \| pgrep '(<\S+>)'`)

// seedExample returns what the script in Zimbra's seed is asked for, a
// message-id, and the blocks of lines that it prints: each transaction ends
// with "removed".
func seedExample(t *testing.T) (id string, blocks [][]string) {
	t.Helper()
	dir := os.Getenv("ZIMBRALOKI_SEEDS")
	if dir == "" {
		dir = "../../../shared/seeds"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := seedCommand.FindStringSubmatchIndex(string(data))
		if m == nil {
			continue
		}
		id = strings.ReplaceAll(string(data[m[2]:m[3]]), `\`, "")
		var block []string
		for _, line := range strings.Split(string(data[m[1]:]), "\n")[1:] {
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			if block = append(block, line); strings.HasSuffix(line, ": removed") {
				blocks, block = append(blocks, block), nil
			}
		}
		return id, blocks
	}
	t.Skip("ZIMBRALOKI_SEEDS names no folder with the example")
	return "", nil
}

var maskedID = regexp.MustCompile(`: message-id=\S*\*\S*$`)

// TestTraceSeedExample sends the example of the seed, among lines of other
// mails, and asks for the message-id that the seed asks its script for: the
// same two blocks come, each by its queue id too. In the example the message-id
// is masked; it is the one in the command.
func TestTraceSeedExample(t *testing.T) { each(t, lokirun.Options{}, testTraceSeedExample) }

func testTraceSeedExample(t *testing.T, l *lokirun.Server) {
	id, blocks := seedExample(t)
	if len(blocks) != 2 {
		t.Fatalf("the example has %d blocks, want 2", len(blocks))
	}
	for _, b := range blocks {
		for i, line := range b {
			b[i] = maskedID.ReplaceAllLiteralString(line, ": message-id="+id)
		}
	}
	p := tracePlugin(t, l)
	p.flushLines(time.Now(), "/var/log/zimbra.log", slices.Concat(
		[]string{
			"Oct 13 10:16:59 mail postfix/smtpd[21777]: connect from other.example.net[192.0.2.7]",
			"Oct 13 10:16:59 mail postfix/smtpd[21777]: 4FF14284F44: client=other.example.net[192.0.2.7]",
			"Oct 13 10:16:59 mail postfix/cleanup[26776]: 4FF14284F44: message-id=<other@example.net>",
		},
		blocks[0],
		[]string{
			"Oct 13 10:17:01 mail postfix/smtpd[21777]: disconnect from other.example.net[192.0.2.7]",
			"Oct 13 10:17:01 mail postfix/qmgr[9946]: 4FF14284F44: removed",
		},
		blocks[1]))

	wantLines(t, query(t, l, `{job="zimbra"} | message_id="`+id+`"`), slices.Concat(blocks...)...)
	for _, block := range blocks {
		queueID := regexp.MustCompile(`postfix/qmgr\[\d+\]: (\w+): removed`).FindStringSubmatch(block[len(block)-1])
		wantLines(t, query(t, l, `{job="zimbra"} | queue_id="`+queueID[1]+`"`), block...)
	}
}
