package transform

import "strings"

// Spamtrain is the format spamtrain.
var Spamtrain = Spec{
	Name:     "spamtrain",
	Doc:      "spamtrain.log",
	From:     "zmtrainsa: /opt/zimbra/log/spamtrain.log",
	Log:      "spamtrain",
	Service:  "zimbra-spamtrain",
	Head:     isSpamtrainHead,
	Parse:    parseSpamtrain,
	Fixture:  Fixture{File: "spamtrain/lines.log", Example: "Learned tokens"},
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
	return len(s) > 20 && isDigit(s[0]) && strings.Contains(s, " Starting spam") && digitsAt(s, "00000000000000")
}

// parseSpamtrain reads spamtrain.log: free text, dated by nothing but its
// arrival, and how many messages were learned.
func parseSpamtrain(in *Input, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isSpamtrainHead(s) {
		return false
	}
	d.level = LevelInfo
	d.setLog(d.format.Log, d.format.Service)
	d.msg = strings.TrimRight(s, " \r")
	if digitsAt(s, "00000000000000") { // date +%Y%m%d%H%M%S
		w := wall{two(s, 0)*100 + two(s, 2), two(s, 4), two(s, 6), two(s, 8), two(s, 10), two(s, 12)}
		d.time = in.clock.wall(&w, 0, d.head.arrival)
	}
	if rest, ok := strings.CutPrefix(s, "Learned tokens from "); ok {
		d.set(FieldAction, "learn")
		d.add("learned", number(rest))
		if _, rest, ok := strings.Cut(rest, " ("); ok {
			d.add("examined", number(rest))
		}
	}
	return true
}
