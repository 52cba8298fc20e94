package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// lmtpMessage reads com.zimbra.cs.lmtpserver: deliveries, refusals, commands.
func lmtpMessage(in *format.Input, d *format.Draft) {
	switch s := d.Msg; {
	case strings.HasPrefix(s, "Delivering message"):
		lmtpDelivery(in, d, s)
	case strings.HasPrefix(s, "rejecting address "), strings.HasPrefix(s, "try again for address "):
		lmtpRefusal(d, s)
	case strings.HasPrefix(s, "rejecting message from="):
		d.Set(format.FieldAction, "deliver")
		d.Set(format.FieldOutcome, "rejected")
		d.Set(format.FieldFrom, scan.ValueOf(s, "from=", ","))
		d.Set(format.FieldTo, scan.ValueOf(s, "to=", ":"))
		d.Set(format.FieldError, afterLast(s, ": "))
	case strings.HasPrefix(s, "Not delivering message with duplicate Message-ID "):
		d.Set(format.FieldAction, "deliver")
		d.Set(format.FieldOutcome, "duplicate")
		d.Set(format.FieldMessageID, in.Arena.Bracketed(s[len("Not delivering message with duplicate Message-ID "):]))
	case strings.HasPrefix(s, "Sending quota warning: "):
		d.Set(format.FieldAction, "quota_warning")
		d.Add("mailbox_size", scan.ValueOf(s, "mbox size=", ","))
		d.Add("quota", scan.ValueOf(s, " quota=", ","))
		d.Add("warn_percent", scan.ValueOf(s, "warnPercent=", ", "))
	case strings.HasPrefix(s, "S: "):
		lmtpReply(d, s[3:])
	}
}

// lmtpReply reads "550 5.1.1 No such user here (RCPT TO:<a@b>)": what LMTP said
// to Postfix, and to which command.
func lmtpReply(d *format.Draft, s string) {
	code := scan.Number(s)
	d.Set(format.FieldStatus, code)
	text, command := strings.TrimLeft(s[len(code):], " -"), ""
	if i := lastParens(text); i > 0 {
		text, command = strings.TrimRight(text[:i], " "), text[i+1:len(text)-1]
	}
	if n := enhancedLen(text); n > 0 {
		d.Set(format.FieldDSN, text[:n])
		text = scan.TrimSpaces(text[n:])
	}
	switch {
	case strings.HasPrefix(s, "4"):
		d.Set(format.FieldOutcome, "deferred")
	case strings.HasPrefix(s, "5"):
		d.Set(format.FieldOutcome, "rejected")
	default:
		return
	}
	d.Set(format.FieldError, scan.FirstLine(scan.OrElse(text, s)))
	if to, ok := strings.CutPrefix(command, "RCPT TO:"); ok {
		d.Set(format.FieldAction, "deliver")
		d.Set(format.FieldTo, scan.ValueOf(to, "<", ">"))
	} else if strings.HasPrefix(command, "DATA") || strings.HasPrefix(command, "BDAT") {
		d.Set(format.FieldAction, "deliver")
	}
}

// lastParens is the index of the '(' whose ')' s ends with, or -1.
func lastParens(s string) int {
	depth := 0
	for i := len(s) - 1; i >= 0; i-- {
		switch s[i] {
		case ')':
			depth++
		case '(':
			depth--
		}
		if depth == 0 {
			if i == len(s)-1 {
				return -1
			}
			return i
		}
	}
	return -1
}

// enhancedLen is the length of the enhanced status code of RFC 3463 that s
// starts with, or 0.
func enhancedLen(s string) int {
	n := 0
	for part := range 3 {
		digits := len(scan.Number(s[n:]))
		if n += digits; digits == 0 || digits > 3 {
			return 0
		}
		if part < 2 {
			if n >= len(s) || s[n] != '.' {
				return 0
			}
			n++
		}
	}
	if n < len(s) && s[n] != ' ' {
		return 0
	}
	return n
}

// lmtpDelivery reads "Delivering message[ started| completed]: size=840 bytes,
// nrcpts=1, sender=a@b, msgid=<id>"; sender and msgid come last and are free text.
func lmtpDelivery(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldAction, "deliver")
	if strings.HasPrefix(s, "Delivering message completed") {
		d.Set(format.FieldOutcome, "success")
	}
	d.Set(format.FieldSize, scan.Number(scan.ValueOf(s, "size=", " ,")))
	d.Set(format.FieldRecipients, scan.ValueOf(s, "nrcpts=", ", "))
	if i := scan.Index(s, "sender="); i >= 0 {
		s = s[i+len("sender="):]
		j := scan.Index(s, ", msgid=")
		if j < 0 {
			d.Set(format.FieldFrom, s)
			return
		}
		d.Set(format.FieldFrom, s[:j])
		d.Set(format.FieldMessageID, in.Arena.Bracketed(strings.TrimSuffix(s[j+len(", msgid="):], "|")))
	}
}

func lmtpRefusal(d *format.Draft, s string) {
	d.Set(format.FieldAction, "deliver")
	d.Set(format.FieldOutcome, "rejected")
	if s[0] == 't' {
		d.Set(format.FieldOutcome, "deferred")
	}
	s = s[strings.Index(s, "address ")+len("address "):]
	if i := strings.Index(s, ": "); i >= 0 {
		d.Set(format.FieldTo, s[:i])
		d.Set(format.FieldError, s[i+2:])
		return
	}
	d.Set(format.FieldTo, s)
}

func afterLast(s, sep string) string {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[i+len(sep):]
	}
	return ""
}

// mailopMessage reads com.zimbra.cs.mailbox.Mailbox's ZimbraLog.mailop lines:
// "Adding Message: id=…, sender=…, Message-ID=…, parentId=…, folderId=…,
// folderName=… acct=…." (fields vary by version), "moving Message (id=n) to
// Folder Trash (id=3)", "Deleting Message (id=n).", "Deleting MESSAGES: 1,2.".
func mailopMessage(in *format.Input, d *format.Draft) {
	s := d.Msg
	verb, rest, ok := strings.Cut(s, " ")
	if !ok {
		return
	}
	switch verb {
	case "Adding", "adding":
		d.Set(format.FieldAction, "add")
		mailopAdd(in, d, rest)
	case "moving", "Moving":
		d.Set(format.FieldAction, "move")
		mailopMove(d, rest)
	case "Deleting", "deleting":
		d.Set(format.FieldAction, "delete")
		d.Set(format.FieldItemID, mailopIDs(rest))
	case "Copying", "copying":
		d.Set(format.FieldAction, "copy")
		d.Set(format.FieldItemID, scan.ValueOf(rest, "copyId=", ",. "))
		d.Set(format.FieldFolder, mailopFolder(rest))
	}
}

func mailopAdd(in *format.Input, d *format.Draft, s string) {
	d.Set(format.FieldItemID, scan.ValueOf(s, " id=", ",. "))
	if i := scan.Index(s, "Message-ID="); i >= 0 {
		id := s[i+len("Message-ID="):]
		if j := scan.Index(id, ", parentId="); j >= 0 {
			id = id[:j]
		}
		d.Set(format.FieldMessageID, in.Arena.Bracketed(id))
	}
	d.Set(format.FieldFrom, scan.ValueOf(s, "sender=", ","))
	d.Set(format.FieldFolder, mailopFolder(s))
}

// mailopFolder returns the folder's name, which is free text: it ends at the
// field that follows it in some versions, else at the full stop.
func mailopFolder(s string) string {
	i := scan.Index(s, "folderName=")
	if i < 0 {
		return ""
	}
	s = s[i+len("folderName="):]
	for _, end := range [...]string{" acct=", ", acct=", ", parentId="} {
		if j := scan.LastIndex(s, end); j >= 0 {
			return s[:j]
		}
	}
	return strings.TrimSuffix(s, ".")
}

// mailopMove reads "Message (id=257) to Folder Trash (id=3)" and "Conversation
// (id=-1) to Folder F (id=5).  Affected message ids: 1,2.".
func mailopMove(d *format.Draft, s string) {
	d.Set(format.FieldItemID, scan.ValueOf(s, "(id=", ")"))
	if i := strings.Index(s, "Affected message ids: "); i >= 0 {
		d.Set(format.FieldItemID, strings.TrimRight(s[i+len("Affected message ids: "):], ". "))
		s = s[:i]
	}
	i := strings.Index(s, ") to Folder ")
	if i < 0 {
		return
	}
	f := s[i+len(") to Folder "):]
	if j := strings.LastIndex(f, " (id="); j >= 0 {
		f = f[:j]
	}
	d.Set(format.FieldFolder, f)
}

func mailopIDs(s string) string {
	if v := scan.ValueOf(s, "(id=", ")"); v != "" {
		return v
	}
	if i := strings.Index(s, ": "); i >= 0 {
		return strings.TrimRight(s[i+2:], ". ")
	}
	return ""
}

// mailboxMessage reads what com.zimbra.cs.mailbox writes to the logger mailbox:
// "Emptying 9 items from /Trash, removeSubfolders=true.", "outofoffice sent
// dest='a' rcpt='b' mid=<id>" (of the item or of the message).
func mailboxMessage(d *format.Draft) {
	if rest, ok := strings.CutPrefix(d.Msg, "Emptying "); ok {
		if items, folder, ok := strings.Cut(rest, " items from "); ok {
			d.Set(format.FieldAction, "empty")
			d.Add("items", scan.Number(items))
			d.Set(format.FieldFolder, beforeLast(folder, ", removeSubfolders="))
		}
		return
	}
	if rest, ok := strings.CutPrefix(d.Msg, "outofoffice sent "); ok {
		d.Set(format.FieldAction, "outofoffice")
		d.Set(format.FieldTo, scan.ValueOf(rest, "dest='", "'"))
		d.Set(format.FieldFrom, scan.ValueOf(rest, "rcpt='", "'"))
		if id := scan.ValueOf(rest, "mid=", " "); id != "" && id[0] == '<' {
			d.Set(format.FieldMessageID, id)
		} else {
			d.Set(format.FieldItemID, scan.Number(id))
		}
	}
}

func beforeLast(s, sep string) string {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i]
	}
	return s
}

// smtpMessage reads com.zimbra.cs.mailbox.MailSender: "Sending message to MTA
// at host: Message-ID=<id>, origMsgId=…, replyType=r, size=n, sender=a,
// nrcpts=2, to=b, to=c".
func smtpMessage(in *format.Input, d *format.Draft) {
	s, ok := strings.CutPrefix(d.Msg, "Sending message to MTA at ")
	if !ok {
		return
	}
	d.Set(format.FieldAction, "send")
	if i := strings.Index(s, ": "); i >= 0 {
		d.Set(format.FieldRelay, s[:i])
	}
	d.Set(format.FieldMessageID, in.Arena.Bracketed(scan.ValueOf(s, "Message-ID=", ",")))
	d.Set(format.FieldReplyType, scan.ValueOf(s, "replyType=", ","))
	d.Add("original_message_id", in.Arena.Bracketed(scan.ValueOf(s, "origMsgId=", ",")))
	d.Set(format.FieldReason, scan.ValueOf(s, ", reason=", ""))
	d.Set(format.FieldSize, scan.ValueOf(s, " size=", ","))
	d.Set(format.FieldFrom, scan.ValueOf(s, "sender=", ","))
	d.Set(format.FieldRecipients, scan.ValueOf(s, "nrcpts=", ","))
	d.Set(format.FieldTo, recipients(in, s))
}

func recipients(in *format.Input, s string) string {
	const key = ", to="
	i := strings.Index(s, key)
	if i < 0 {
		return ""
	}
	s = s[i+len(key):]
	list := ""
	for n := 0; n < format.MaxRecipients; n++ {
		next, more, found := strings.Cut(s, key)
		next = scan.ValueOf(next, "", ",")
		if n == 0 {
			list = next
		} else {
			list = in.Arena.Concat(list, ",", next)
		}
		if !found {
			break
		}
		s = more
	}
	return list
}

// filterMessage reads the Sieve filters' lines (com.zimbra.cs.filter).
func filterMessage(in *format.Input, d *format.Draft) {
	switch s := d.Msg; {
	case strings.HasPrefix(s, "Discarding"):
		d.Set(format.FieldAction, "discard")
		if id := scan.ValueOf(s, "Message-ID", ",|"); id != "" {
			d.Set(format.FieldMessageID, in.Arena.Bracketed(scan.ValueOf(strings.TrimLeft(id, " ="), "", " ")))
		}
		d.Set(format.FieldFrom, scan.ValueOf(s, " from ", " "))
		if id, ok := strings.CutPrefix(s, "Discarding existing message with id "); ok {
			d.Set(format.FieldItemID, scan.Number(id))
		}
	case strings.HasPrefix(s, "Redirecting message to "):
		d.Set(format.FieldAction, "redirect")
		d.Set(format.FieldTo, strings.TrimSuffix(s[len("Redirecting message to "):], "."))
	case strings.HasPrefix(s, "Refusing delivery"):
		d.Set(format.FieldAction, "deliver")
		d.Set(format.FieldOutcome, "rejected")
		d.Set(format.FieldError, scan.FirstLine(s))
	case strings.HasPrefix(s, "Replying to message"):
		d.Set(format.FieldAction, "reply")
	case strings.HasPrefix(s, "addheader: "):
		d.Set(format.FieldAction, "addheader")
		d.Set(format.FieldFrom, scan.ValueOf(s, "sender=", ","))
		d.Set(format.FieldMessageID, in.Arena.Bracketed(scan.ValueOf(s, "MsgId=", ", ")))
	}
}
