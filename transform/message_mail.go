package transform

import "strings"

// lmtpMessage reads com.zimbra.cs.lmtpserver: deliveries, refusals, commands.
func lmtpMessage(in *Input, d *draft) {
	switch s := d.msg; {
	case strings.HasPrefix(s, "Delivering message"):
		lmtpDelivery(in, d, s)
	case strings.HasPrefix(s, "rejecting address "), strings.HasPrefix(s, "try again for address "):
		lmtpRefusal(d, s)
	case strings.HasPrefix(s, "rejecting message from="):
		d.set(FieldAction, "deliver")
		d.set(FieldOutcome, "failure")
		d.set(FieldFrom, valueOf(s, "from=", ","))
		d.set(FieldTo, valueOf(s, "to=", ":"))
		d.set(FieldError, afterLast(s, ": "))
	case strings.HasPrefix(s, "Not delivering message with duplicate Message-ID "):
		d.set(FieldAction, "deliver")
		d.set(FieldOutcome, "duplicate")
		d.set(FieldMessageID, in.a.bracketed(s[len("Not delivering message with duplicate Message-ID "):]))
	case strings.HasPrefix(s, "Sending quota warning: "):
		d.set(FieldAction, "quota_warning")
		d.add("mailbox_size", valueOf(s, "mbox size=", ","))
		d.add("quota", valueOf(s, " quota=", ","))
		d.add("warn_percent", valueOf(s, "warnPercent=", ", "))
	case strings.HasPrefix(s, "S: "):
		lmtpReply(d, s[3:])
	}
}

// lmtpReply reads "550 5.1.1 No such user here (RCPT TO:<a@b>)".
func lmtpReply(d *draft, s string) {
	d.set(FieldStatus, number(s))
	switch {
	case strings.HasPrefix(s, "4"):
		d.set(FieldOutcome, "deferred")
		d.set(FieldError, firstLine(s))
	case strings.HasPrefix(s, "5"):
		d.set(FieldOutcome, "failure")
		d.set(FieldError, firstLine(s))
	}
}

// lmtpDelivery reads "Delivering message[ started| completed]: size=840 bytes,
// nrcpts=1, sender=a@b, msgid=<id>"; sender and msgid come last and are free text.
func lmtpDelivery(in *Input, d *draft, s string) {
	d.set(FieldAction, "deliver")
	if strings.HasPrefix(s, "Delivering message completed") {
		d.set(FieldOutcome, "success")
	}
	d.set(FieldSize, number(valueOf(s, "size=", " ,")))
	d.set(FieldRecipients, valueOf(s, "nrcpts=", ", "))
	if i := strings.Index(s, "sender="); i >= 0 {
		s = s[i+len("sender="):]
		j := strings.Index(s, ", msgid=")
		if j < 0 {
			d.set(FieldFrom, s)
			return
		}
		d.set(FieldFrom, s[:j])
		d.set(FieldMessageID, in.a.bracketed(strings.TrimSuffix(s[j+len(", msgid="):], "|")))
	}
}

func lmtpRefusal(d *draft, s string) {
	d.set(FieldAction, "deliver")
	d.set(FieldOutcome, "failure")
	if s[0] == 't' {
		d.set(FieldOutcome, "deferred")
	}
	s = s[strings.Index(s, "address ")+len("address "):]
	if i := strings.Index(s, ": "); i >= 0 {
		d.set(FieldTo, s[:i])
		d.set(FieldError, s[i+2:])
		return
	}
	d.set(FieldTo, s)
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
func mailopMessage(in *Input, d *draft) {
	s := d.msg
	verb, rest, ok := strings.Cut(s, " ")
	if !ok {
		return
	}
	switch verb {
	case "Adding", "adding":
		d.set(FieldAction, "add")
		mailopAdd(in, d, rest)
	case "moving", "Moving":
		d.set(FieldAction, "move")
		mailopMove(d, rest)
	case "Deleting", "deleting":
		d.set(FieldAction, "delete")
		d.set(FieldItemID, mailopIDs(rest))
	case "Copying", "copying":
		d.set(FieldAction, "copy")
		d.set(FieldItemID, valueOf(rest, "copyId=", ",. "))
		d.set(FieldFolder, mailopFolder(rest))
	}
}

func mailopAdd(in *Input, d *draft, s string) {
	d.set(FieldItemID, valueOf(s, " id=", ",. "))
	if i := strings.Index(s, "Message-ID="); i >= 0 {
		id := s[i+len("Message-ID="):]
		if j := strings.Index(id, ", parentId="); j >= 0 {
			id = id[:j]
		}
		d.set(FieldMessageID, in.a.bracketed(id))
	}
	d.set(FieldFrom, valueOf(s, "sender=", ","))
	d.set(FieldFolder, mailopFolder(s))
}

// mailopFolder returns the folder's name, which is free text: it ends at the
// field that follows it in some versions, else at the full stop.
func mailopFolder(s string) string {
	i := strings.Index(s, "folderName=")
	if i < 0 {
		return ""
	}
	s = s[i+len("folderName="):]
	for _, end := range [...]string{" acct=", ", acct=", ", parentId="} {
		if j := strings.LastIndex(s, end); j >= 0 {
			return s[:j]
		}
	}
	return strings.TrimSuffix(s, ".")
}

// mailopMove reads "Message (id=257) to Folder Trash (id=3)" and "Conversation
// (id=-1) to Folder F (id=5).  Affected message ids: 1,2.".
func mailopMove(d *draft, s string) {
	d.set(FieldItemID, valueOf(s, "(id=", ")"))
	if i := strings.Index(s, "Affected message ids: "); i >= 0 {
		d.set(FieldItemID, strings.TrimRight(s[i+len("Affected message ids: "):], ". "))
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
	d.set(FieldFolder, f)
}

func mailopIDs(s string) string {
	if v := valueOf(s, "(id=", ")"); v != "" {
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
func mailboxMessage(d *draft) {
	if rest, ok := strings.CutPrefix(d.msg, "Emptying "); ok {
		if items, folder, ok := strings.Cut(rest, " items from "); ok {
			d.set(FieldAction, "empty")
			d.add("items", number(items))
			d.set(FieldFolder, beforeLast(folder, ", removeSubfolders="))
		}
		return
	}
	if rest, ok := strings.CutPrefix(d.msg, "outofoffice sent "); ok {
		d.set(FieldAction, "outofoffice")
		d.set(FieldTo, valueOf(rest, "dest='", "'"))
		d.set(FieldFrom, valueOf(rest, "rcpt='", "'"))
		if id := valueOf(rest, "mid=", " "); id != "" && id[0] == '<' {
			d.set(FieldMessageID, id)
		} else {
			d.set(FieldItemID, number(id))
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
func smtpMessage(in *Input, d *draft) {
	s, ok := strings.CutPrefix(d.msg, "Sending message to MTA at ")
	if !ok {
		return
	}
	d.set(FieldAction, "send")
	if i := strings.Index(s, ": "); i >= 0 {
		d.set(FieldRelay, s[:i])
	}
	d.set(FieldMessageID, in.a.bracketed(valueOf(s, "Message-ID=", ",")))
	d.set(FieldReplyType, valueOf(s, "replyType=", ","))
	d.add("original_message_id", in.a.bracketed(valueOf(s, "origMsgId=", ",")))
	d.set(FieldReason, valueOf(s, ", reason=", ""))
	d.set(FieldSize, valueOf(s, " size=", ","))
	d.set(FieldFrom, valueOf(s, "sender=", ","))
	d.set(FieldRecipients, valueOf(s, "nrcpts=", ","))
	d.set(FieldTo, in.recipients(s))
}

// maxRecipients bounds the list in the metadata to; the line names them all.
const maxRecipients = 20

func (in *Input) recipients(s string) string {
	const key = ", to="
	i := strings.Index(s, key)
	if i < 0 {
		return ""
	}
	s = s[i+len(key):]
	list := ""
	for n := 0; n < maxRecipients; n++ {
		next, more, found := strings.Cut(s, key)
		next = valueOf(next, "", ",")
		if n == 0 {
			list = next
		} else {
			list = in.a.concat(list, ",", next)
		}
		if !found {
			break
		}
		s = more
	}
	return list
}

// filterMessage reads the Sieve filters' lines (com.zimbra.cs.filter).
func filterMessage(in *Input, d *draft) {
	switch s := d.msg; {
	case strings.HasPrefix(s, "Discarding"):
		d.set(FieldAction, "discard")
		if id := valueOf(s, "Message-ID", ",|"); id != "" {
			d.set(FieldMessageID, in.a.bracketed(valueOf(strings.TrimLeft(id, " ="), "", " ")))
		}
		d.set(FieldFrom, valueOf(s, " from ", " "))
	case strings.HasPrefix(s, "Redirecting message to "):
		d.set(FieldAction, "redirect")
		d.set(FieldTo, strings.TrimSuffix(s[len("Redirecting message to "):], "."))
	case strings.HasPrefix(s, "Refusing delivery"):
		d.set(FieldAction, "deliver")
		d.set(FieldOutcome, "failure")
		d.set(FieldError, firstLine(s))
	case strings.HasPrefix(s, "Replying to message"):
		d.set(FieldAction, "reply")
	case strings.HasPrefix(s, "addheader: "):
		d.set(FieldAction, "addheader")
		d.set(FieldFrom, valueOf(s, "sender=", ","))
		d.set(FieldMessageID, in.a.bracketed(valueOf(s, "MsgId=", ", ")))
	}
}
