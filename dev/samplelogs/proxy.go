package samplelogs

import (
	"fmt"
	"time"
)

const commonLog = "02/Jan/2006:15:04:05 -0700"

// httpRequest is one in the mailstore's access_log and in the proxy's.
func (w *world) httpRequest(t time.Time, took time.Duration, ip, user, method, path string, status int) {
	if user == "" {
		user = "-"
	}
	agent, size, done := w.pick(browsers), 200+w.IntN(9000), t.Add(took)
	w.put("access", Line{Time: done, Text: fmt.Sprintf(`%s - %s [%s] "%s %s HTTP/1.1" %d %d "https://%s/" "%s" %d`,
		ip, user, done.In(w.Location).Format(commonLog), method, path, status, size, store, agent, took.Milliseconds())})
	w.nginxAccess(done.Add(time.Millisecond), ip, method, path, status, size, agent, storeIP+":8443")
}

func (w *world) nginxAccess(t time.Time, ip, method, path string, status, size int, agent, upstream string) {
	w.put("nginx.access", Line{Time: t, Text: fmt.Sprintf(`%s:%d - - [%s]  "%s https://%s%s HTTP/2.0" %d %d "https://%s/" "%s" "%s" "%s:443"`,
		ip, 1024+w.IntN(60000), t.In(w.Location).Format(commonLog), method, store, path, status, size, store, agent, upstream, proxyIP)})
}

func (w *world) nginx(t time.Time, level, format string, args ...any) {
	w.put("nginx", Line{Time: t, Text: t.In(w.Location).Format("2006/01/02 15:04:05") + fmt.Sprintf(" [%s] %d#0: ", level, w.always("nginx")) + fmt.Sprintf(format, args...)})
}

// proxyWork is what only the proxy sees: pages, scanners, throttled clients.
func (w *world) proxyWork() {
	w.every(15*time.Second, func(t time.Time) {
		if w.IntN(4) > 0 {
			w.nginxAccess(t, w.client(), "GET", "/", 200, 4000+w.IntN(900), w.pick(browsers), storeIP+":8443")
			return
		}
		w.nginxAccess(t, fmt.Sprintf("198.51.100.%d", 30+w.IntN(60)), "GET", w.pick([]string{"/.env", "/wp-login.php", "/autodiscover/autodiscover.json"}), 404, 153, "python-requests/2.32", "-")
	})
	w.every(4*time.Minute, func(t time.Time) { w.nginx(t, "info", "check ip throttle:[imap, %s]", w.client()) })
}

// badGateway is a request while no mailstore answers.
func (w *world) badGateway(t time.Time) {
	ip, request := w.client(), w.pick(requests[:5])
	w.nginx(t, "error", `*%d connect() failed (111: Connection refused) while connecting to upstream, client: %s, server: %s.default, request: "POST /service/soap/%s HTTP/2.0", upstream: "https://%s:8443/service/soap/%s", host: "%s"`,
		w.IntN(99999), ip, store, request, storeIP, request, store)
	w.nginxAccess(t, ip, "POST", "/service/soap/"+request, 502, 575, w.pick(browsers), storeIP+":8443")
}
