package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// pushPath is the path of Loki's push endpoint (Loki HTTP API, "Ingest logs").
const pushPath = "/loki/api/v1/push"

// urlCure shows how the address is written.
const urlCure = "write the whole address, such as http://loki.example.com:3100"

// parseURL checks the address of Loki and completes it: no path means the push
// endpoint. Name and password in it are returned apart, so that they are not
// printed with it.
func parseURL(s string) (*url.URL, *url.Userinfo, *Error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, nil, badValue(urlCure, "not a URL")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, nil, &Error{Reason: "the URL must begin with http:// or https://", Nearest: guessURL(s)}
	case u.Hostname() == "":
		return nil, nil, badValue(urlCure, "the URL names no host")
	case u.Fragment != "":
		return nil, nil, badValue("leave #"+u.Fragment+" out", "the URL has a fragment")
	case strings.HasSuffix(u.Path, "/v1/logs"):
		return nil, nil, badValue("give the address of "+pushPath, "this is an OTLP endpoint, and this plugin speaks Loki's own protocol")
	}
	user := u.User
	u.User = nil
	if u.Path == "" || u.Path == "/" {
		u.Path = pushPath
	}
	return u, user, nil
}

// guessURL puts a scheme before "loki:3100".
func guessURL(s string) string {
	if strings.Contains(s, "://") || strings.ContainsAny(s, " @/?") {
		return ""
	}
	return "http://" + s
}

// isLoopback reports whether what is sent to u stays on this machine.
func isLoopback(u *url.URL) bool {
	ip, _ := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || ip.Unmap().IsLoopback()
}

// redactURL masks what may be secret in s, which need not be a correct URL:
// name and password before the host, and the values of the query, where some
// gateways take a token.
func redactURL(s string) string {
	base, query, hasQuery := strings.Cut(s, "?")
	if at := strings.LastIndexByte(base, '@'); at >= 0 {
		scheme := strings.Index(base[:at], "//")
		if scheme >= 0 {
			scheme += 2
		}
		scheme = max(scheme, 0)
		base = base[:scheme] + mask + base[at:]
	}
	if !hasQuery {
		return base
	}
	params := strings.Split(query, "&")
	for i, kv := range params {
		if name, _, ok := strings.Cut(kv, "="); ok {
			params[i] = name + "=" + mask
		}
	}
	return base + "?" + strings.Join(params, "&")
}
