package check

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

// eachTail runs a rule for each tail input that feeds us.
func eachTail(f func(t *target, in *input)) func(t *target) {
	return func(t *target) {
		for _, in := range t.tails() {
			f(t, in)
		}
	}
}

func tailPath(t *target, in *input) {
	list := paths(in.Section, "path")
	if len(list) == 0 {
		t.found(in.Pos, "a tail input without a path: Fluent Bit does not start", "write path")
	}
	for _, p := range list {
		if !path.IsAbs(p) {
			t.foundf(in.At("path"), "write it from / on", "path %q is relative to where Fluent Bit was started", p)
		}
	}
}

func tailPathKey(t *target, in *input) {
	if in.Last("path_key") == "" {
		t.found(in.Pos, "no path_key: the plugin does not see which file a line is from, and some logs are known by their file only", "write path_key filename")
	}
}

func tailDB(t *target, in *input) {
	if in.Last("db") == "" {
		t.found(in.Pos, "no db: after a restart Fluent Bit reads the files from their heads again, or leaves out what came meanwhile", "write db /var/lib/zimbraloki/NAME.db")
	}
}

// tailDBShared: two inputs with one database delete each other's rows.
func tailDBShared(t *target) {
	first := map[string]fbconf.Pos{}
	for _, in := range t.inputs {
		db := in.Last("db")
		if db == "" {
			continue
		}
		if other, ok := first[db]; ok {
			t.foundf(in.At("db"), "give each input a database of its own", "db %s belongs to the input at %s too: each removes what the other has noted", db, other)
		} else {
			first[db] = in.Pos
		}
	}
}

// volatile are directories that a restart of the machine empties.
var volatile = []string{"/tmp/", "/var/tmp/", "/run/", "/var/run/", "/dev/shm/"}

func isVolatile(file string) bool {
	return slices.ContainsFunc(volatile, func(dir string) bool { return strings.HasPrefix(file, dir) })
}

func volatilePaths(t *target) {
	look := func(s *fbconf.Section, key string) {
		if v := s.Last(key); isVolatile(v) {
			t.foundf(s.At(key), "put it below /var/lib/zimbraloki", "%s %s does not outlive a restart of the machine", key, v)
		}
	}
	for _, in := range t.feeds() {
		look(in.Section, "db")
	}
	look(&t.Service, "storage.path")
	for _, o := range t.ours {
		look(o.Section, "dead_letter_path")
	}
}

func tailDBSync(t *target, in *input) {
	if strings.EqualFold(in.Last("db.sync"), "off") {
		t.found(in.At("db.sync"), "db.sync is off: after a loss of power the positions can be lost, or the database damaged", "write db.sync normal")
	}
}

// shortWait is a rotate_wait, in seconds, that a reader that is held up for a
// moment at midnight does not keep.
const shortWait = 30

func tailRotateWait(t *target, in *input) {
	v, ok := seconds(in.Last("rotate_wait"))
	switch {
	case !ok:
		t.found(in.Pos, "no rotate_wait: 5 seconds after a rotation the rest of the old file is not read any more", "write rotate_wait 300")
	case v < shortWait:
		t.foundf(in.At("rotate_wait"), "write rotate_wait 300", "rotate_wait is %g: so many seconds after a rotation the rest of the old file is not read any more", v)
	}
}

func tailRefresh(t *target, in *input) {
	v, ok := seconds(in.Last("refresh_interval"))
	if !ok {
		v = 60
	}
	if v >= 60 {
		t.foundf(in.At("refresh_interval"), "write refresh_interval 10", "new files are looked for every %g seconds only", v)
	}
}

func tailExit(t *target, in *input) {
	if in.On("exit_on_eof", false) {
		t.found(in.At("exit_on_eof"), "exit_on_eof is on: Fluent Bit ends when it has read the file", "take it out; it is for reading old files once")
	}
}

func tailLongLines(t *target, in *input) {
	if !in.On("skip_long_lines", false) {
		t.found(in.At("skip_long_lines"), "skip_long_lines is off: at the first line longer than buffer_max_size Fluent Bit stops reading the whole file", "write skip_long_lines on")
	}
}

// tailBuffer is Fluent Bit's default for both sizes, in bytes
// (plugins/in_tail/tail.h, FLB_TAIL_CHUNK).
const tailBuffer = 32 << 10

func tailSizes(in *input) (chunk, most int64) {
	chunk, most = tailBuffer, tailBuffer
	if n, ok := size(in.Last("buffer_chunk_size")); ok {
		chunk = n
	}
	if n, ok := size(in.Last("buffer_max_size")); ok {
		most = n
	}
	return chunk, most
}

func tailBuffers(t *target, in *input) {
	if chunk, most := tailSizes(in); most < chunk {
		t.foundf(in.At("buffer_chunk_size"), "make buffer_max_size the larger one, 32M for a mailstore", "buffer_max_size (%d) is smaller than buffer_chunk_size (%d): Fluent Bit does not start", most, chunk)
	}
}

// longLine is the length, in bytes, that lines of a mailstore reach every day:
// what Loki takes of one.
const longLine = 256 << 10

func tailSmallBuffer(t *target, in *input) {
	if chunk, most := tailSizes(in); most >= chunk && most < longLine {
		t.foundf(in.At("buffer_max_size"), "write buffer_max_size 32M; the memory is taken only when such a line comes", "buffer_max_size is %d bytes: longer lines are left out whole", most)
	}
}

func tailHead(t *target, in *input) {
	if !in.On("read_from_head", false) && !dated(in) {
		t.found(in.At("read_from_head"), "read_from_head is off: at the first start everything that the files hold already is left out", "write read_from_head true")
	}
}

// dated tells inputs of files that have the date in their name from the start,
// such as access_log.2026-01-31. A month of them is there at the first start.
func dated(in *input) bool {
	return !slices.ContainsFunc(paths(in.Section, "path"), func(p string) bool { return !strings.Contains(path.Base(p), "????") })
}

func tailNewHead(t *target, in *input) {
	if !in.On("read_newly_discovered_files_from_head", true) {
		t.found(in.At("read_newly_discovered_files_from_head"), "read_newly_discovered_files_from_head is off: after each rotation the first lines of the new file are lost", "take it out")
	}
}

func tailOlder(t *target, in *input) {
	if v := in.Last("ignore_older"); v != "" && v != "0" {
		t.foundf(in.At("ignore_older"), "take it out; Loki's limits say what is too old", "ignore_older is %s: a file that was quiet for so long is not read, not even what was still missing of it", v)
	}
}

func tailInotify(t *target, in *input) {
	if !in.On("inotify_watcher", true) {
		t.found(in.At("inotify_watcher"), "inotify_watcher is off: files are looked at every quarter of a second, and a rename in between is seen late", "take it out, unless the files are on a network file system")
	}
}

// rotatedNames are names that Zimbra and logrotate give to files that were read
// under another name before.
var rotatedNames = []string{"mailbox.log.2026-01-31", "mailbox.log.2026-01-31.gz", "nginx.access.log-20260131.gz", "zimbra.log.1"}

func tailRotated(t *target, in *input) {
	excluded := paths(in.Section, "exclude_path")
	for _, p := range paths(in.Section, "path") {
		for _, name := range rotatedNames {
			file := path.Join(path.Dir(p), name)
			whole, _ := path.Match(path.Base(p), name)
			if !whole && !strings.HasSuffix(p, ".gz") {
				continue
			}
			if slices.ContainsFunc(excluded, func(x string) bool { return wildcard(x, file) || wildcard(x, name) }) {
				continue
			}
			t.foundf(in.At("path"), "name the files, or write exclude_path *.gz,*.log.*,*.log-*", "path %s also takes files like %s, which were read before they got this name: their lines come twice, and packed ones as garbage", p, name)
			break
		}
	}
}

func tailKey(t *target, in *input) {
	key := in.Last("key")
	if key == "" || key == "log" {
		return
	}
	for _, o := range t.ours {
		if takes(o.Section, in) && o.cfg.PayloadKey != key {
			t.foundf(in.At("key"), fmt.Sprintf("take it out, or write payload_key %s in the output", key), "key is %s, which the output at %s does not take for the text of the line", key, o.Pos)
		}
	}
}

// tailTwice finds a path that two inputs read for the same output.
func tailTwice(t *target) {
	first := map[string]*input{}
	for _, in := range t.tails() {
		for _, p := range paths(in.Section, "path") {
			other, ok := first[p]
			if ok && other != in {
				t.foundf(in.At("path"), "leave it out of one", "path %s is read by the input at %s too: each line comes twice", p, other.Pos)
			}
			first[p] = in
		}
	}
}

// joiners are settings of a tail input that put lines together.
var joiners = []string{"multiline.parser", "multiline", "parser_firstline", "docker_mode"}

func tailMultiline(t *target, in *input) {
	for _, key := range joiners {
		v := strings.ToLower(in.Last(key))
		if v != "" && v != "off" && v != "false" && v != "no" {
			t.foundf(in.At(key), "take it out: the plugin unwraps containers' lines and joins stack traces itself", "%s %s joins lines before the plugin sees them: heads and times of their own get lost in it", key, in.Last(key))
		}
	}
}

func tailParser(t *target, in *input) {
	if v := in.Last("parser"); v != "" {
		t.foundf(in.At("parser"), "take it out: the plugin wants the line as it was written", "parser %s takes the line apart before the plugin sees it", v)
	}
}
