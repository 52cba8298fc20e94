package report

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/entry"
)

// ours begin the classes of the application, whose methods say more than those
// of Java's libraries.
var ours = []string{"com.zimbra.", "com.zextras.", "com.synacor."}

// place is the class of an exception and where in the code it came from; "" of
// an entry without a trace.
func place(e *entry.Entry) string {
	class := e.Get("exception")
	frame := ""
	for _, l := range e.More {
		f, ok := strings.CutPrefix(strings.TrimLeft(l, " \t"), "at ")
		if !ok {
			continue
		}
		if i := strings.IndexByte(f, ')'); i >= 0 {
			f = f[:i+1] // behind it is the archive that it was loaded from
		}
		if i := strings.LastIndexByte(strings.SplitN(f, "(", 2)[0], '/'); i >= 0 {
			f = f[i+1:] // of a module: java.base/java.util…
		}
		if frame == "" {
			frame = f
		}
		if isOurs(f) {
			frame = f
			break
		}
	}
	if class == "" || frame == "" {
		return ""
	}
	method, file, ok := strings.Cut(frame, "(")
	if ok {
		file = " (" + file
	}
	return class[strings.LastIndexByte(class, '.')+1:] + " in " + lastTwo(method) + file
}

func isOurs(f string) bool {
	for _, o := range ours {
		if strings.HasPrefix(f, o) {
			return true
		}
	}
	return false
}

// lastTwo is the class and the method of com.zimbra.cs.mailbox.MailItem.delete.
func lastTwo(method string) string {
	i := strings.LastIndexByte(method, '.')
	if i < 0 {
		return method
	}
	return method[strings.LastIndexByte(method[:i], '.')+1:]
}
