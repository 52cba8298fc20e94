package upload

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// nginxConf takes files by PUT, as nginx's own module of WebDAV writes them.
const nginxConf = `
daemon off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 64; }
http {
	access_log off; client_max_body_size 0; client_body_buffer_size 256k;
	client_body_temp_path %[1]s/tmp; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	server { listen %[2]s; root %[1]s/data; location / { dav_methods PUT; } }
}
`

// startNginx gives its address and the folder it writes to.
func startNginx(t *testing.T) (addr, data string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("no nginx in PATH: there is nothing to compare with")
	}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = l.Addr().String()
	l.Close()
	conf := filepath.Join(dir, "conf")
	data = filepath.Join(dir, "data")
	err = errors.Join(os.Mkdir(data, 0o777), os.Chmod(data, 0o777), os.Chmod(dir, 0o777), os.Chmod(filepath.Dir(dir), 0o777), //nolint:gosec // a folder of the test, for nginx's own user
		os.WriteFile(conf, fmt.Appendf(nil, "user root;"+nginxConf, dir, addr), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-c", conf, "-e", filepath.Join(dir, "error.log"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); <-tick.C {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return addr, data
		}
	}
	t.Fatal("nginx does not answer")
	return "", ""
}

// TestThroughput: one upload, with its checksums and safe on disk, against nginx,
// which writes the same body and does nothing else; with its file synced as well.
// The client sends from a file, which costs it next to nothing. It measures and
// judges nothing, as the machine decides.
func TestThroughput(t *testing.T) {
	if !stress {
		t.Skip("INTAKE_STRESS=1 compares the throughput with nginx")
	}
	const size, rounds = 512 << 20, 5
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, noise(size), 0o600); err != nil {
		t.Fatal(err)
	}
	nginx, data := startNginx(t)
	dir := t.TempDir()
	p := startProcess(t, dir, "")
	f := connect(t, dir, "")
	send := func(method, url string, headers ...string) http.Header {
		body, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		req, err := http.NewRequest(method, url, body)
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = size
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode >= 300 {
			t.Fatalf("%s %s: %s", method, url, resp.Status)
		}
		return resp.Header
	}
	written := func(sync bool) {
		name := filepath.Join(data, "a")
		send("PUT", "http://"+nginx+"/a")
		file, err := os.Open(name)
		if err == nil && sync {
			err = file.Sync()
		}
		if err = errors.Join(err, file.Close(), os.Remove(name)); err != nil {
			t.Fatal(err)
		}
	}
	number := 0
	next := func() string {
		number++
		return f.ticket(strconv.Itoa(number), 1)
	}
	drop := func() {
		a := f.archives(strconv.Itoa(number))
		if len(a) != 1 || a[0].Size != size {
			t.Fatalf("%+v", a)
		}
		if err := f.blobs.Delete(t.Context(), a[0].Blob); err != nil {
			t.Fatal(err)
		}
	}
	ways := []struct {
		name string
		run  func()
	}{
		{"nginx, in memory of the system", func() { written(false) }},
		{"nginx, synced", func() { written(true) }},
		{"raw POST", func() {
			send("POST", "http://"+p.addr+PathArchives, "Upload-Token", next(), "Content-Disposition", "attachment; filename=a")
		}},
		{"tus", func() {
			c := newClient(p.addr)
			resp, err := c.do("POST", PathUploads, nil, 0, "Upload-Token", next(), "Upload-Length", strconv.Itoa(size))
			if err != nil {
				t.Fatal(err)
			}
			send("PATCH", "http://"+p.addr+resp.Header.Get("Location"), "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
		}},
	}
	took, computed := map[string][]time.Duration{}, map[string]time.Duration{}
	for range rounds {
		for i, w := range ways {
			begin, cpu := time.Now(), p.cpu()
			w.run()
			took[w.name] = append(took[w.name], time.Since(begin))
			computed[w.name] += p.cpu() - cpu
			if i >= 2 {
				drop()
			}
		}
	}
	rate := func(name string) float64 {
		slices.Sort(took[name])
		return size / 1e6 / took[name][rounds/2].Seconds()
	}
	for _, w := range ways {
		t.Logf("%-32s %.0f MB/s (%.1f to %.1f s)", w.name, rate(w.name), took[w.name][0].Seconds(), took[w.name][rounds-1].Seconds())
	}
	for _, w := range ways[2:] {
		t.Logf("%s: %.2f of nginx, synced; %.2f of nginx in memory; %.2f s of a processor", w.name,
			rate(w.name)/rate(ways[1].name), rate(w.name)/rate(ways[0].name), computed[w.name].Seconds()/rounds)
	}
}
