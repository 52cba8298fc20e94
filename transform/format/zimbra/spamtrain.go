package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/logtime"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Spamtrain is the format spamtrain.
var Spamtrain = format.Spec{
	Name:     "spamtrain",
	Doc:      "spamtrain.log",
	From:     "zmtrainsa: /opt/zimbra/log/spamtrain.log",
	Log:      "spamtrain",
	Service:  "zimbra-spamtrain",
	Head:     isSpamtrainHead,
	Parse:    parseSpamtrain,
	Fixture:  format.Fixture{File: "spamtrain/lines.log", Example: "Learned tokens"},
	Question: `{log="spamtrain"} | learned > 0`,
	Traps:    "Most lines have no time.",
}

// spamtrainHeads are how the lines of zmtrainsa and of the sa-learn that it runs
// start. None has a time.
var spamtrainHeads = [...]string{
	"netset: cannot include ", "Learned tokens from ", "bayes: ", "Starting spam/ham extraction", "Finished extracting spam/ham",
	"Starting SpamAssassin learning", "Finished SpamAssassin learning", "Starting spamassassin training", "synced databases from journal",
	"expired old bayes database entries", "Total messages processed: ",
}

// isSpamtrainHead reports whether s is a line of spamtrain.log.
func isSpamtrainHead(s string) bool {
	for _, h := range spamtrainHeads {
		if strings.HasPrefix(s, h) {
			return true
		}
	}
	return len(s) > 20 && scan.IsDigit(s[0]) && strings.Contains(s, " Starting spam") && scan.DigitsAt(s, "00000000000000")
}

// parseSpamtrain reads spamtrain.log: free text, dated by nothing but its
// arrival, and how many messages were learned.
func parseSpamtrain(in *format.Input, d *format.Draft) bool {
	s := d.Head.Text[d.Head.Skip:]
	if !isSpamtrainHead(s) {
		return false
	}
	d.Level = format.LevelInfo
	d.SetLog(d.Format.Log, d.Format.Service)
	d.Msg = strings.TrimRight(s, " \r")
	if scan.DigitsAt(s, "00000000000000") { // date +%Y%m%d%H%M%S
		w := logtime.Wall{Year: scan.Two(s, 0)*100 + scan.Two(s, 2), Month: scan.Two(s, 4), Day: scan.Two(s, 6), Hour: scan.Two(s, 8), Minute: scan.Two(s, 10), Second: scan.Two(s, 12)}
		d.Time = in.Clock.Wall(&w, 0, d.Head.Arrival)
	}
	if rest, ok := strings.CutPrefix(s, "Learned tokens from "); ok {
		d.Set(format.FieldAction, "learn")
		d.Add("learned", scan.Number(rest))
		if _, rest, ok := strings.Cut(rest, " ("); ok {
			d.Add("examined", scan.Number(rest))
		}
	}
	return true
}
