package transform

import "strings"

// contextPair is one pair of a log line's context, decoded.
type contextPair struct{ key, value string }

// context holds the pairs of the line that scanContext read last.
type context struct{ pairs []contextPair }

// Reset forgets the lines, which the chunk may own.
func (c *context) Reset() {
	clear(c.pairs[:cap(c.pairs)])
	c.pairs = c.pairs[:0]
}

// empty forgets the pairs of the line before.
func (c *context) empty() { c.pairs = c.pairs[:0] }

var contextOf = NewScratch[context]()

// setContext moves the pairs that scanContext read to the metadata. Keys and meanings:
// com.zimbra.common.util.ZimbraLog (the C_* constants); keys it does not have
// are kept under their own names.
func (in *Input) setContext(d *draft) {
	var ip, oip, via string
	pairs := contextOf.Of(in).pairs
	for i := range pairs {
		c := &pairs[i]
		switch c.key {
		case "name":
			d.set(FieldUser, c.value)
		case "mid":
			d.set(FieldMailboxID, c.value)
		case "ip":
			ip = c.value
		case "oip":
			oip = c.value
		case "ua":
			d.set(FieldUserAgent, c.value)
			if strings.IndexByte(c.value, '=') >= 0 {
				d.harmless = 0
			}
		case "via":
			via = c.value
		case "msgid":
			d.set(FieldMessageID, in.a.bracketed(c.value))
		default:
			d.contextValue(c.key, c.value)
		}
	}
	in.setClient(d, ip, oip)
	if via != "" {
		d.setVia(via)
	}
	if d.get(FieldOProto) == "smtp" {
		d.set(FieldProtocol, "smtp")
	}
	if v := d.get(FieldAuthUser); v != "" && v == d.get(FieldUser) {
		d.unset(FieldAuthUser)
	}
}

// contextValue keeps a pair whose value needs no more than a name.
func (d *draft) contextValue(key, value string) {
	switch key {
	case "soapId":
		d.set(FieldRequestID, value)
	case "port":
		d.set(FieldPort, value)
	case "cid":
		d.set(FieldConnectionID, value)
	case "aname":
		d.set(FieldAuthUser, value)
	case "id":
		d.set(FieldAccountID, value)
	case "aid":
		d.set(FieldAuthUserID, value)
	case "oport":
		d.set(FieldOPort, value)
	case "oproto":
		d.set(FieldOProto, value)
	case "item":
		d.set(FieldItemID, value)
	case "ds":
		d.set(FieldDataSource, value)
	case "Cmd":
		d.set(FieldAction, value)
	case "DeviceID":
		d.set(FieldDeviceID, value)
	case "Version":
		d.set(FieldEASVersion, value)
	default:
		d.harmless = 0
		d.add(key, value)
	}
}

// setVia keeps the chain of proxies. Before it the IMAP proxy writes how the
// client named itself: "iPhone Mail/16A366,192.0.2.1(nginx/1.20.0)"; ua is then
// what nginx says of itself ("Zimbra/9.0.0_GA_4583") and moves to proxy_agent
// (com.zimbra.cs.imap.ImapHandler.doID).
func (d *draft) setVia(via string) {
	d.set(FieldVia, via)
	for i := 0; ; {
		if n := strings.IndexByte(via[i:], '('); n > 0 && isAddress(via[i:i+n]) {
			if i > 0 {
				d.add("proxy_agent", d.get(FieldUserAgent))
				d.set(FieldUserAgent, via[:i-1])
			}
			return
		}
		n := strings.IndexByte(via[i:], ',')
		if n < 0 {
			return
		}
		i += n + 1
	}
}

// isAddress reports whether s can be an IP address: IPv4, or hexadecimal digits
// with two colons or more, in brackets or not.
func isAddress(s string) bool {
	if isIPv4(s) {
		return true
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != ':' && c != '.' && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return strings.Count(s, ":") >= 2
}

// setClient sets client_ip to the client itself: the originating address where
// a proxy gave one (of a list the first), else the peer. What Zimbra wrote is
// kept in ip and oip unless client_ip says the same.
func (in *Input) setClient(d *draft, ip, oip string) {
	client := ""
	if oip != "" {
		first := oip
		if strings.IndexByte(oip, ',') >= 0 {
			first = firstOf(oip)
		}
		client = canonicalIP(&in.a, first)
	}
	if client == "" && ip != "" {
		client = canonicalIP(&in.a, ip)
	}
	d.set(FieldClientIP, client)
	if ip != client {
		d.set(FieldIP, ip)
	}
	if oip != client {
		d.set(FieldOIP, oip)
	}
}

// setThread keeps the thread's own name and reads the request out of the URL
// that Jetty's DebugHandler appends to it: "qtp1-5:https://host:7071/service/admin/soap/AuthRequest".
func (in *Input) setThread(d *draft, thread string) {
	if strings.HasPrefix(thread, "qtp") || strings.HasPrefix(thread, "btpool") {
		if i := strings.IndexByte(thread, ':'); i >= 0 {
			in.setURL(d, thread[i+1:])
			thread = thread[:i]
		}
	} else {
		d.set(FieldProtocol, poolProtocol(thread))
	}
	d.set(FieldThread, thread)
}

// poolProtocol tells the protocol by the name of a thread pool, which may
// stand behind "Imap-Idle-Proxy-".
func poolProtocol(thread string) string {
	switch {
	case strings.HasPrefix(thread, "Imap"):
		return "imap"
	case strings.HasPrefix(thread, "Lmtp"):
		return "lmtp"
	case strings.HasPrefix(thread, "Pop3"):
		return "pop3"
	case strings.HasPrefix(thread, "Milter"):
		return "milter"
	}
	return ""
}

// setURL reads the request's URL. The scheme may be missing ("//host/path"),
// stand twice ("https:https://…") or be the forwarded protocol ("smtp://…").
func (in *Input) setURL(d *draft, u string) {
	i := strings.Index(u, "//")
	if i < 0 {
		return
	}
	scheme := u[:i]
	u = u[i+2:]
	slash := strings.IndexByte(u, '/')
	if slash < 0 {
		return
	}
	authority, path, query := u[:slash], u[slash:], ""
	if i := strings.IndexAny(path, "?;"); i >= 0 { // behind ';' a jsessionid may stand
		path, query = path[:i], path[i:]
	}
	if strings.HasSuffix(authority, ":7071") || strings.HasSuffix(authority, ":9071") {
		d.set(FieldAdminPort, "true")
	}
	if name, ok := soapPath(path); ok {
		d.set(FieldProtocol, "soap")
		d.setNew(FieldAction, name)
	} else {
		protocol := pathProtocol(path)
		d.set(FieldProtocol, protocol)
		d.set(FieldPath, path)
		if protocol == "activesync" {
			in.setDevice(d, query)
		}
	}
	// saslauthd logs in at a port of its own (zimbraMtaAuthPort).
	if strings.HasPrefix(scheme, "smtp") || strings.HasSuffix(authority, ":7073") {
		d.set(FieldProtocol, "smtp")
	}
}

// setDevice reads the query of an ActiveSync request: "?User=a@b&DeviceId=x&
// DeviceType=iPhone&Cmd=Sync". The context, if it has them, says them better.
func (in *Input) setDevice(d *draft, query string) {
	for query = strings.TrimPrefix(query, "?"); query != ""; {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, v, _ := strings.Cut(pair, "=")
		switch key {
		case "User":
			d.set(FieldUser, in.unquoteURL(v))
		case "DeviceId":
			d.set(FieldDeviceID, v)
		case "Cmd":
			d.set(FieldAction, v)
		}
	}
}

// soapPath returns the request's name of "/service/soap/NameRequest" and
// "/service/admin/soap/NameRequest"; it may be empty.
func soapPath(path string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/service/")
	if !ok {
		return "", false
	}
	rest = strings.TrimPrefix(rest, "admin/")
	rest, ok = strings.CutPrefix(rest, "soap")
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/"), true
}

func pathProtocol(path string) string {
	for _, p := range [...]struct{ prefix, name string }{
		{"/Microsoft-Server-ActiveSync", "activesync"}, {"/dav", "dav"}, {"/principals", "dav"},
		{"/home", "rest"}, {"/service/home", "rest"}, {"/user", "rest"}, {"/service/user", "rest"},
		{"/service/upload", "upload"}, {"/ews", "ews"}, {"/EWS", "ews"}, {"/Autodiscover", "autodiscover"},
		{"/autodiscover", "autodiscover"}, {"/service/preauth", "preauth"},
	} {
		if strings.HasPrefix(path, p.prefix) {
			return p.name
		}
	}
	return ""
}

// unquoteURL decodes the "%40" of a query; what is no such thing stays.
func (in *Input) unquoteURL(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := in.a.alloc(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && unhex(s[i+1]) < 16 && unhex(s[i+2]) < 16 {
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
		}
		b = append(b, c)
	}
	return validUTF8(&in.a, in.a.commit(b))
}

func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}
