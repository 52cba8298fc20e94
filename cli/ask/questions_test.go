package ask

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/questions"
)

// answers say what the sample logs answer to each question: the head of a table,
// or nothing for lines, and texts that the answer must have.
var answers = map[string]struct {
	args, head string
	has        []string
}{
	"where-is-mail":       {"--message-id <agenda-0815@pc23.example.com>", "", []string{"b.rossi@example.com to petrova@example.org: sent", "maria@partner.example.net: deferred"}},
	"mail-outcomes":       {"", "VALUE OUTCOME", []string{"success", "deferred", "bounced", "rejected"}},
	"top-senders":         {"", "VALUE USER", []string{"kuznetsova@example.org"}},
	"deferring-servers":   {"", "VALUE RELAY", []string{"mx.bigmail.example.net["}},
	"bounce-reasons":      {"", "VALUE DSN ERROR", []string{"5.7.1 host mx.bigmail.example.net"}},
	"delivery-time":       {"", "VALUE HOST", []string{"mta1.example.com"}},
	"long-deliveries":     {"", "", []string{"s sent "}},
	"rejected-clients":    {"", "VALUE CLIENT_IP", []string{"198.51.100."}},
	"mail-encryption":     {"", "VALUE TLS_VERSION", []string{"TLSv1.3"}},
	"failed-logins":       {"", "VALUE CLIENT_IP USER", []string{"198.51.100.23 ivanov@example.org"}},
	"locked-accounts":     {"", "", []string{"ivanov@example.org 198.51.100.23 account lockout"}},
	"login-protocols":     {"", "VALUE PROTOCOL", []string{"soap", "smtp", "imap"}},
	"login-programs":      {"", "VALUE USER_AGENT", []string{"ZimbraWebClient - "}},
	"admin-changes":       {"", "", []string{"admin@example.com ModifyAccount "}},
	"person":              {"--user ivanov@example.org", "", []string{"ivanov@example.org"}},
	"slow-requests":       {"", "", []string{" ms SearchRequest d.novak@example.com"}},
	"request-times":       {"", "VALUE ACTION", []string{"SearchRequest", "NoOpRequest"}},
	"exceptions":          {"", "VALUE EXCEPTION", []string{"java.lang.OutOfMemoryError", "NoSuchItemException"}},
	"handler-exceptions":  {"", "VALUE ACTION CODE EXCEPTION", []string{"GetMsgRequest mail.NO_SUCH_MSG com.zimbra"}},
	"lmtp-errors":         {"", "", []string{"error  No space left on device"}},
	"imap-errors":         {"", "", []string{"mailbox is over quota"}},
	"pop3-errors":         {"", "", []string{"Connection reset by peer"}},
	"fatal":               {"", "", []string{" FATAL ", "java.lang.OutOfMemoryError"}},
	"levels":              {"", "VALUE LEVEL", []string{"info", "warn", "error", "fatal"}},
	"scan-verdicts":       {"", "VALUE CATEGORY OUTCOME", []string{"CLEAN passed", "SPAM discarded", "INFECTED discarded"}},
	"viruses":             {"", "", []string{"Win.Test.EICAR_HDB-1 scanner@print.example.net"}},
	"scan-time":           {"", "VALUE HOST", []string{"mta1.example.com"}},
	"forged-senders":      {"", "VALUE CLIENT_IP", []string{"198.51.100.77"}},
	"service-changes":     {"", "", []string{"from running to stopped", "from stopped to running"}},
	"proxy-errors":        {"", "VALUE STATUS", []string{"500", "502"}},
	"disk-warnings":       {"", "", []string{"/opt on device /dev/vdb1 at 99%"}},
	"planr-request":       {"--trace " + samplelogs.Trace, "", []string{"main: report.build 4210", "worker: report.store  bucket quota exceeded"}},
	"planr-person":        {"--user petrova@example.org", "", []string{`"command_name":"`}},
	"planr-slow-requests": {"", "", []string{"report.build petrova@example.org 4210 ms"}},
	"planr-slow-commands": {"", "VALUE ACTION", []string{"report.build"}},
	"planr-command-times": {"", "VALUE ACTION", []string{"report.build"}},
	"planr-errors":        {"", "VALUE SERVICE_NAME", []string{"main", "worker"}},
	"planr-failed-logins": {"", "VALUE CLIENT_IP USER", []string{"@example."}},

	"visiology-failed":            {"", "", []string{"User:ivanov with OperationStatus:Failed", "User:meyer with OperationStatus:Failed"}},
	"visiology-dashboard-created": {"", "", []string{"OperationName:CreateDashboard"}},
	"visiology-theme-deleted":     {"", "", []string{"OperationName:DeleteTheme"}},
	"visiology-person-text":       {"--user ivanov", "", []string{"User:ivanov "}},
	"visiology-person-failed":     {"--user ivanov", "", []string{"User:ivanov with OperationStatus:Failed"}},
	"visiology-deleted":           {"", "", []string{"DeleteTheme Theme ", " by admin: Success"}},
	"visiology-changes":           {"", "VALUE USER", []string{"admin", "petrova"}},
	"visiology-failures":          {"", "VALUE ACTION USER", []string{"6 Login ivanov", "4 GetWidgetData meyer"}},

	"arrival": {"", "VALUE HOST LOG", []string{"mail.example.com mailbox", "mta1.example.com zimbra", "docker1.example.com planr", "proxy1.example.com nginx"}},
}

// TestQuestionsAnswered asks the sample logs every question of --list.
func TestQuestionsAnswered(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a day of logs once for each question")
	}
	dir := t.TempDir()
	_, err := samplelogs.Write(dir, samplelogs.Options{Start: time.Date(2026, 11, 3, 7, 0, 0, 0, time.UTC), Seed: 20260802, MailsPerMinute: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range questions.All() {
		want, ok := answers[q.Name]
		if !ok {
			t.Errorf("%s: say in answers what the sample logs answer", q.Name)
			continue
		}
		out := asked(t, append(strings.Fields(q.Name+" "+want.args), dir)...)
		head, _, _ := strings.Cut(out, "\n")
		table := strings.HasPrefix(head, "VALUE")
		if table { // columns are as wide as their values
			out = strings.Join(strings.Fields(out), " ")
			head = strings.Join(strings.Fields(head), " ")
		}
		if table && head != want.head || !table && want.head != "" {
			t.Errorf("%s: the answer begins with %q, want %q", q.Name, head, want.head)
		}
		for _, text := range want.has {
			if !strings.Contains(out, text) {
				t.Errorf("%s: no %q in\n%.2000s", q.Name, text, out)
			}
		}
	}
	for name := range answers {
		if _, ok := questions.Find(name); !ok {
			t.Errorf("%s is no question", name)
		}
	}
}

// asked is what ask prints.
func asked(t *testing.T, args ...string) string {
	t.Helper()
	c := Command()
	c.SilenceErrors, c.SilenceUsage = true, true
	var stdout, stderr bytes.Buffer
	c.SetArgs(append(args, "--timezone", "UTC"))
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	if code := flags.ExitCode(c.ExecuteContext(t.Context()), &stderr); code != 0 {
		t.Errorf("ask %q: status %d, %s", args, code, stderr.String())
	}
	return stdout.String()
}
