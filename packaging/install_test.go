package packaging

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// built returns what `make package` has built for this machine, by a pattern
// of its name in dist.
func built(t *testing.T, pattern string) string {
	t.Helper()
	dist, err := filepath.Abs("../dist")
	if err != nil {
		t.Fatal(err)
	}
	found, _ := filepath.Glob(filepath.Join(dist, pattern))
	if len(found) == 0 {
		t.Skipf("no dist/%s: run make package", pattern)
	}
	return found[len(found)-1]
}

func needs(t *testing.T, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("installs a system")
	}
	if os.Getuid() != 0 {
		t.Skip("needs root, to make a system and change into it")
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not on PATH", p)
		}
	}
}

// system is a Debian in a directory.
type system struct {
	t    *testing.T
	root string
}

// bootstrap makes a fresh system of a release.
func bootstrap(t *testing.T, release string) *system {
	t.Helper()
	root := t.TempDir()
	if out, err := exec.Command("debootstrap", "--variant=minbase", release, root).CombinedOutput(); err != nil {
		t.Skipf("cannot make a system of %s: %v\n%s", release, err, out[max(0, len(out)-500):])
	}
	return &system{t, root}
}

// run runs a command in the system and returns what it prints.
func (s *system) run(stdin string, command ...string) string {
	s.t.Helper()
	c := exec.Command("chroot", append([]string{s.root}, command...)...)
	c.Stdin = strings.NewReader(stdin)
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "PERL_DL_NONLAZY=1"}
	out, err := c.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return string(out)
}

func (s *system) copy(from, to string) {
	s.t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.root, to), data, 0o755)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// files lists what is in a directory tree, but for the notes that package
// managers keep for themselves.
func files(t *testing.T, root string) (list []string) {
	t.Helper()
	skip := []string{"/proc", "/sys", "/dev", "/tmp", "/var/log", "/var/lib/dpkg", "/var/lib/rpm", "/var/cache"}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, root)
		if slices.Contains(skip, name) {
			return fs.SkipDir
		}
		list = append(list, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// added returns what list has and before has not.
func added(before, list []string) (more []string) {
	for _, f := range list {
		if _, found := slices.BinarySearch(before, f); !found {
			more = append(more, f)
		}
	}
	return more
}

func sorted(list []string) []string { slices.Sort(list); return list }

const auditLine = `2026-08-02 16:49:04,242 WARN  [ImapSSLServer-1] [ip=10.0.0.4;oip=198.51.100.23;] security - cmd=Auth; account=ivanov@example.org; protocol=imap; error=authentication failed for [ivanov@example.org], invalid password;` + "\n"

// TestInstallDeb installs the deb in a fresh Debian, uses what it brings, and
// removes it without a trace.
func TestInstallDeb(t *testing.T) {
	needs(t, "debootstrap", "chroot")
	deb := built(t, "zimbraloki_*_amd64.deb")
	host, err := filepath.Abs("../build/host")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(host); err != nil {
		t.Fatalf("%v: run make host", err)
	}
	s := bootstrap(t, "bookworm")
	before := sorted(files(t, s.root))
	s.copy(deb, "tmp/zimbraloki.deb")
	s.copy(host, "tmp/host")
	s.run("", "dpkg", "--install", "/tmp/zimbraloki.deb")

	if out := s.run(auditLine, "zimbraloki", "explain", "-o", "text", "--timezone", "UTC", "--path", "/opt/zimbra/log/audit.log", "-"); !strings.Contains(out, "outcome         failure") {
		t.Errorf("explain says\n%s", out)
	}
	s.delivers("/tmp/host", "/usr/lib/zimbraloki/zimbraloki.so")
	if out := s.run("", "readlink", "/usr/lib/zimbraloki/flb-filter_zimbraloki.so"); out != "zimbraloki.so\n" {
		t.Errorf("the native filter is a link to %q", out)
	}
	s.keepsWhatTheAdminChanged()

	// A link as docs/install.md has it made, and what the service leaves.
	link := "/etc/systemd/system/fluent-bit.service.d/20-zimbraloki-config.conf"
	s.run("", "mkdir", "-p", filepath.Dir(link))
	s.run("", "ln", "-s", "/usr/lib/zimbraloki/20-zimbraloki-config.conf", link)
	s.run("left\n", "tee", "/var/lib/zimbraloki/dead-letter.jsonl")
	s.run("", "dpkg", "--remove", "zimbraloki")
	if out := s.run("", "cat", "/etc/zimbraloki/environment", "/var/lib/zimbraloki/dead-letter.jsonl"); !strings.Contains(out, "left") {
		t.Errorf("after remove: %s", out)
	}
	s.run("", "dpkg", "--purge", "zimbraloki")
	if left := added(before, files(t, s.root)); len(left) > 0 {
		t.Errorf("purge leaves %q", left)
	}
	if gone := added(sorted(files(t, s.root)), before); len(gone) > 0 {
		t.Errorf("purge removed %q of others", gone)
	}
}

// delivers loads the plugin in a program that plays Fluent Bit, and lets it
// deliver a line to a Loki outside of the system.
func (s *system) delivers(host, plugin string) {
	s.t.Helper()
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	if err := os.WriteFile(filepath.Join(s.root, "tmp/audit.log"), []byte(auditLine), 0o644); err != nil {
		s.t.Fatal(err)
	}
	s.run("", host, "-p", "url="+l.URL, "-p", "timezone=UTC", "--file", "zimbra.opt.zimbra.log.audit.log=/tmp/audit.log", "--deadline", "30", plugin)
	entries := l.Entries()
	if len(entries) != 1 || entries[0].Label("log") != "audit" {
		s.t.Errorf("Loki has %+v", entries)
	}
}

// keepsWhatTheAdminChanged installs the package again over changed files.
func (s *system) keepsWhatTheAdminChanged() {
	s.t.Helper()
	const path = "/etc/zimbraloki/environment"
	s.run("LOKI_URL=https://loki.example.com\n", "tee", path)
	s.run("", "dpkg", "--install", "--force-confold", "/tmp/zimbraloki.deb")
	if out := s.run("", "cat", path); out != "LOKI_URL=https://loki.example.com\n" {
		s.t.Errorf("after an upgrade %s has %q", path, out)
	}
	if out := s.run("", "stat", "-c", "%a %U", "/etc/zimbraloki/credentials/loki-password", "/etc/zimbraloki/credentials", "/var/lib/zimbraloki"); out != "600 root\n700 root\n700 root\n" {
		s.t.Errorf("modes\n%s", out)
	}
}

// TestInstallOldGlibc installs the deb in a Debian with the glibc of Ubuntu
// 20.04 (2.31) and loads the plugin there, all symbols bound at once.
func TestInstallOldGlibc(t *testing.T) {
	needs(t, "debootstrap", "chroot")
	deb := built(t, "zimbraloki_*_amd64.deb")
	s := bootstrap(t, "bullseye")
	s.copy(deb, "tmp/zimbraloki.deb")
	s.run("", "dpkg", "--install", "/tmp/zimbraloki.deb")
	out := s.run("", "perl", "-MDynaLoader", "-e", `
		my $l = DynaLoader::dl_load_file("/usr/lib/zimbraloki/zimbraloki.so", 0) or die DynaLoader::dl_error();
		DynaLoader::dl_find_symbol($l, "FLBPluginFlushCtx") or die DynaLoader::dl_error();
		print "loaded\n";`)
	if out != "loaded\n" {
		t.Errorf("perl says %q", out)
	}
	if out := s.run("", "zimbraloki", "--version"); !strings.Contains(out, "zimbraloki version") {
		t.Errorf("version says %q", out)
	}
}

// TestInstallRPM installs the rpm into an empty tree and erases it again.
func TestInstallRPM(t *testing.T) {
	needs(t, "rpm")
	rpm := built(t, "zimbraloki-*.x86_64.rpm")
	root := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		args = append([]string{"--root", root, "--nodeps", "--noscripts"}, args...)
		if out, err := exec.Command("rpm", args...).CombinedOutput(); err != nil {
			t.Fatalf("rpm %v: %v\n%s", args, err, out)
		}
	}
	if out, err := exec.Command("rpm", "--root", root, "--initdb").CombinedOutput(); err != nil {
		t.Skipf("rpm has no database here: %v\n%s", err, out)
	}
	before := sorted(files(t, root))
	run("--install", rpm)
	if out, err := exec.Command(filepath.Join(root, "usr/bin/zimbraloki"), "--version").Output(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if more := added(before, files(t, root)); len(more) < 20 {
		t.Errorf("install brought %q only", more)
	}
	run("--erase", "zimbraloki")
	for _, f := range added(before, files(t, root)) {
		// Directories that a system has anyway.
		if f = filepath.Join(root, f); !isDir(f) || strings.Contains(f, "zimbraloki") {
			t.Errorf("erase leaves %s", f)
		}
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
