package transform

import "strings"

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
func parseSpamtrain(r *Run, d *draft) bool {
	s := d.head.text[d.head.skip:]
	if !isSpamtrainHead(s) {
		return false
	}
	d.format, d.level = FormatSpamtrain, LevelInfo
	d.setWebLog("spamtrain", "zimbra-spamtrain")
	d.msg = strings.TrimRight(s, " \r")
	if digitsAt(s, "00000000000000") { // date +%Y%m%d%H%M%S
		w := wall{two(s, 0)*100 + two(s, 2), two(s, 4), two(s, 6), two(s, 8), two(s, 10), two(s, 12)}
		d.time = r.clock.wall(&w, 0, d.head.arrival)
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
