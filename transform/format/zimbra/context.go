package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

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

var contextOf = format.NewScratch[context]()

// setContext moves the pairs that scanContext read to the metadata. Keys and meanings:
// com.zimbra.common.util.ZimbraLog (the C_* constants); keys it does not have
// are kept under their own names.
func setContext(in *format.Input, d *format.Draft) {
	var ip, oip, via, device string
	pairs := contextOf.Of(in).pairs
	for i := range pairs {
		c := &pairs[i]
		switch c.key {
		case "name":
			d.Set(format.FieldUser, c.value)
		case "mid":
			d.Set(format.FieldMailboxID, c.value)
		case "ip":
			ip = c.value
		case "oip":
			oip = c.value
		case "ua":
			d.Set(format.FieldUserAgent, c.value)
			if maySay(c.value) {
				d.Harmless = 0
			}
		case "via":
			via = c.value
			if maySay(via) {
				d.Harmless = 0
			}
		case "devip":
			device = c.value
			contextValue(d, c.key, c.value)
		case "msgid":
			d.Set(format.FieldMessageID, in.Arena.Bracketed(c.value))
		default:
			contextValue(d, c.key, c.value)
		}
	}
	SetClient(in, d, ip, oip)
	if !d.Has(format.FieldClientIP) {
		setBehindGateway(in, d, device)
	}
	if via != "" {
		setVia(d, via)
	}
	if d.Get(format.FieldOProto) == "smtp" {
		d.Set(format.FieldProtocol, "smtp")
	}
	if v := d.Get(format.FieldAuthUser); v != "" && v == d.Get(format.FieldUser) {
		d.Unset(format.FieldAuthUser)
	}
}

// maySay reports whether what a client says of itself may hold more than names
// and versions: a value with its name, a URL with a password.
func maySay(s string) bool {
	if strings.IndexByte(s, '=') >= 0 || strings.IndexByte(s, '@') >= 0 || strings.IndexByte(s, '"') >= 0 || strings.IndexByte(s, '<') >= 0 {
		return true
	}
	for {
		i := strings.IndexByte(s, ':')
		if i < 0 {
			return false
		}
		if s = s[i+1:]; s != "" && !scan.IsDigit(s[0]) { // not "rv:109.0"
			return true
		}
	}
}

// contextValue keeps a pair whose value needs no more than a name.
func contextValue(d *format.Draft, key, value string) {
	switch key {
	case "soapId":
		d.Set(format.FieldRequestID, value)
	case "port":
		d.Set(format.FieldPort, value)
	case "cid":
		d.Set(format.FieldConnectionID, value)
	case "aname":
		d.Set(format.FieldAuthUser, value)
	case "id":
		d.Set(format.FieldAccountID, value)
	case "aid":
		d.Set(format.FieldAuthUserID, value)
	case "oport":
		d.Set(format.FieldOPort, value)
	case "oproto":
		d.Set(format.FieldOProto, value)
	case "item":
		d.Set(format.FieldItemID, value)
	case "ds":
		d.Set(format.FieldDataSource, value)
	case "Cmd":
		d.Set(format.FieldAction, value)
	case "DeviceID":
		d.Set(format.FieldDeviceID, value)
	case "Version":
		d.Set(format.FieldEASVersion, value)
	default:
		d.Harmless = 0
		d.Add(key, value)
	}
}

// setBehindGateway names the client where the peer is this host, whose address
// Zimbra leaves out: a gateway of ActiveSync hands on the device's address,
// Zextras as devip, Z-Push at the end of its own agent
// ("iPhone/2006.64 devip=203.0.113.9 ZPZB/74").
func setBehindGateway(in *format.Input, d *format.Draft, device string) {
	if ua := d.Get(format.FieldUserAgent); device == "" && ua != "" {
		if i := strings.LastIndex(ua, " devip="); i >= 0 && strings.Contains(ua[i:], " ZPZB") {
			device = scan.ValueOf(ua[i:], " devip=", " ")
		}
	}
	if device != "" {
		d.Set(format.FieldClientIP, scan.CanonicalIP(&in.Arena, device))
	}
}

// setVia keeps the chain of proxies. Before it the IMAP proxy writes how the
// client named itself: "iPhone Mail/16A366,192.0.2.1(nginx/1.20.0)"; ua is then
// what nginx says of itself ("Zimbra/9.0.0_GA_4583") and moves to proxy_agent
// (com.zimbra.cs.imap.ImapHandler.doID).
func setVia(d *format.Draft, via string) {
	d.Set(format.FieldVia, via)
	for i := 0; ; {
		if n := strings.IndexByte(via[i:], '('); n > 0 && isAddress(via[i:i+n]) {
			if i > 0 {
				d.Add("proxy_agent", d.Get(format.FieldUserAgent))
				d.Set(format.FieldUserAgent, via[:i-1])
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
	if scan.IsIPv4(s) {
		return true
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != ':' && c != '.' && !scan.IsDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return strings.Count(s, ":") >= 2
}

// SetClient sets client_ip to the client itself: the originating address where
// a proxy gave one (of a list the first), else the peer. What Zimbra wrote is
// kept in ip and oip unless client_ip says the same.
func SetClient(in *format.Input, d *format.Draft, ip, oip string) {
	client := ""
	if oip != "" {
		first := oip
		if strings.IndexByte(oip, ',') >= 0 {
			first = scan.FirstOf(oip)
		}
		client = scan.CanonicalIP(&in.Arena, first)
	}
	if client == "" && ip != "" {
		client = scan.CanonicalIP(&in.Arena, ip)
	}
	d.SetClient(client, ip, oip)
}

// SetThread keeps the thread's own name and reads the request out of the URL
// that Jetty's DebugHandler appends to it: "qtp1-5:https://host:7071/service/admin/soap/AuthRequest".
func SetThread(in *format.Input, d *format.Draft, thread string) {
	if strings.HasPrefix(thread, "qtp") || strings.HasPrefix(thread, "btpool") {
		if i := strings.IndexByte(thread, ':'); i >= 0 {
			setURL(in, d, thread[i+1:])
			thread = thread[:i]
		}
	} else {
		d.Set(format.FieldProtocol, poolProtocol(thread))
	}
	d.Set(format.FieldThread, thread)
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
func setURL(in *format.Input, d *format.Draft, u string) {
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
	whole := path
	for _, c := range [...]byte{'?', ';'} { // behind ';' a jsessionid may stand
		if i := strings.IndexByte(path, c); i >= 0 {
			path, query = whole[:i], whole[i:]
		}
	}
	if strings.HasSuffix(authority, ":7071") || strings.HasSuffix(authority, ":9071") {
		d.Set(format.FieldAdminPort, "true")
	}
	if name, ok := SOAPPath(path); ok {
		d.Set(format.FieldProtocol, "soap")
		d.SetNew(format.FieldAction, name)
	} else {
		protocol := PathProtocol(path)
		d.Set(format.FieldProtocol, protocol)
		d.Set(format.FieldPath, path)
		if protocol == "activesync" {
			SetDevice(in, d, query)
		}
	}
	// saslauthd logs in at a port of its own (zimbraMtaAuthPort).
	if strings.HasPrefix(scheme, "smtp") || strings.HasSuffix(authority, ":7073") {
		d.Set(format.FieldProtocol, "smtp")
	}
}

// SetDevice reads the query of an ActiveSync request: "?User=a@b&DeviceId=x&
// DeviceType=iPhone&Cmd=Sync". The context, if it has them, says them better.
func SetDevice(in *format.Input, d *format.Draft, query string) {
	for query = strings.TrimPrefix(query, "?"); query != ""; {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, v, _ := strings.Cut(pair, "=")
		switch key {
		case "User":
			d.Set(format.FieldUser, UnquoteURL(in, v))
		case "DeviceId":
			d.Set(format.FieldDeviceID, v)
		case "Cmd":
			d.Set(format.FieldAction, v)
		}
	}
}

// SOAPPath returns the request's name of "/service/soap/NameRequest" and
// "/service/admin/soap/NameRequest"; it may be empty.
func SOAPPath(path string) (name string, ok bool) {
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

// PathProtocol names the protocol that a path of mailboxd is for, "" if the path
// does not tell.
func PathProtocol(path string) string {
	for _, p := range [...]struct{ prefix, name string }{
		{"/Microsoft-Server-ActiveSync", "activesync"},
		{"/dav", "dav"},
		{"/principals", "dav"},
		{"/home", "rest"},
		{"/service/home", "rest"},
		{"/user", "rest"},
		{"/service/user", "rest"},
		{"/service/upload", "upload"},
		{"/ews", "ews"},
		{"/EWS", "ews"},
		{"/Autodiscover", "autodiscover"},
		{"/autodiscover", "autodiscover"},
		{"/service/preauth", "preauth"},
	} {
		if strings.HasPrefix(path, p.prefix) {
			return p.name
		}
	}
	return ""
}

// UnquoteURL decodes the "%40" of a query; what is no such thing stays.
func UnquoteURL(in *format.Input, s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := in.Arena.Alloc(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && scan.Unhex(s[i+1]) < 16 && scan.Unhex(s[i+2]) < 16 {
			c = scan.Unhex(s[i+1])<<4 | scan.Unhex(s[i+2])
			i += 2
		}
		b = append(b, c)
	}
	return scan.ValidUTF8(&in.Arena, in.Arena.Commit(b))
}
