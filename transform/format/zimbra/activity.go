package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Activity is the format activity.
var Activity = format.Spec{
	Name:     "activity",
	Doc:      "activity.log: log4j and broken JSON",
	From:     "mailboxd: /opt/zimbra/log/activity.log",
	Log:      "activity",
	Service:  "zimbra-mailbox",
	Stamp:    format.Stamp{Layout: "2006-01-02 15:04:05,000", Line: `@ INFO  [main] [] activity - "cee:{"Event":{"id":"1","action":"Cut","status":"success"}}`},
	Fixture:  format.Fixture{File: "activity/lines.log", Path: "/opt/zimbra/log/activity.log", Example: "SendMsg"},
	Question: `{log="activity"} | action="SendMsg"`,
	Traps:    "It looks like JSON but is not: quotes inside values are not escaped.",
	Outcomes: []format.Outcome{
		{Value: "success", When: "`status` is success or ok"},
		{Value: "failure", When: "`status` begins with fail, or is error"},
	},
}

// parseActivity reads the message of the logger activity (activity.log), which
// d.msg holds. It looks like CEE's JSON and is none: a quote stands before it,
// and the values are not escaped.
//
//	"cee:{"Event":{"id":"267","time":"…","action":"SendMsg","status":"success","acct_id":"…","p_prod_id":"…","args":[{"name":"k","_content":"v"}]}}
//
// A value ends where the next key or the end of its object follows.
func parseActivity(in *format.Input, d *format.Draft) bool {
	s := strings.TrimPrefix(strings.TrimSpace(d.Msg), `"`)
	rest, ok := strings.CutPrefix(s, "cee:")
	if !ok {
		return false
	}
	s, ok = strings.CutPrefix(scan.TrimSpaces(strings.TrimPrefix(scan.TrimSpaces(rest), "@")), `{"Event":{`)
	if !ok {
		return false
	}
	d.Format = &Activity
	head, args, _ := strings.Cut(s, `"args":[`)
	for head != "" {
		var key, v string
		if key, v, head, ok = loosePair(head); !ok {
			break
		}
		activityPair(in, d, key, v)
	}
	activityArgs(in, d, args)
	return true
}

func activityPair(in *format.Input, d *format.Draft, key, v string) {
	switch key {
	case "action":
		d.Set(format.FieldAction, v)
	case "status":
		switch {
		case strings.EqualFold(v, "success"), strings.EqualFold(v, "ok"):
			d.Set(format.FieldOutcome, "success")
		case strings.HasPrefix(strings.ToLower(v), "fail"), strings.EqualFold(v, "error"):
			d.Set(format.FieldOutcome, "failure")
		}
		d.Set(format.FieldStatus, v)
	case "acct_id":
		d.Set(format.FieldAccountID, v)
	case "p_prod_id":
		d.SetNew(format.FieldUserAgent, v)
	case "acct", "account", "name":
		d.SetNew(format.FieldUser, v)
	case "host":
		d.Add("event_host", v)
	case "time": // the head has it
	case "id":
		d.Add("activity_id", v)
	default:
		addArg(d, in, key, v)
	}
}

// activityArgs reads `{"name":"k","_content":"v"},…]`.
func activityArgs(in *format.Input, d *format.Draft, s string) {
	for {
		i := strings.Index(s, `{"name":"`)
		if i < 0 {
			return
		}
		name, rest, ok := strings.Cut(s[i+len(`{"name":"`):], `","_content":"`)
		if !ok {
			return
		}
		end := strings.Index(rest, `"},{"name":"`)
		if end < 0 {
			end = strings.LastIndex(rest, `"}]`)
		}
		if end < 0 {
			end = len(rest)
		}
		addArg(d, in, name, rest[:end])
		s = rest[end:]
	}
}

func addArg(d *format.Draft, in *format.Input, key, v string) {
	d.Join(in, key, v)
}

// loosePair reads `"key":"value"` with the comma behind it. A quote ends the
// value only before `,"key":"` or before the end of the object.
func loosePair(s string) (key, v, rest string, ok bool) {
	s = strings.TrimLeft(s, `, `)
	if len(s) < 2 || s[0] != '"' {
		return
	}
	k := 1 + scan.KeyLen(s[1:])
	if !strings.HasPrefix(s[k:], `":`) {
		return
	}
	key, s = s[1:k], s[k+2:]
	if s == "" || s[0] != '"' { // a number, or null
		i := strings.IndexAny(s, ",}")
		if i < 0 {
			i = len(s)
		}
		return key, s[:i], s[i:], true
	}
	s = s[1:]
	for i := 0; ; {
		j := strings.IndexByte(s[i:], '"')
		if j < 0 { // a cut line
			v, _, _ = strings.Cut(s, `"`)
			return key, v, "", true
		}
		i += j
		if tail := s[i+1:]; endsPair(tail) {
			return key, s[:i], tail, true
		}
		i++
	}
}

func endsPair(s string) bool {
	if s == "" || strings.Trim(s, "}] \r,") == "" {
		return true
	}
	return strings.HasPrefix(s, `,"`) && len(s) > 2 && scan.KeyLen(s[2:]) > 0 && strings.HasPrefix(s[2+scan.KeyLen(s[2:]):], `":`)
}
