package lokirun

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listening returns the listening TCP sockets of a process as /proc/net/tcp writes them, HEXADDRESS:HEXPORT.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	mine := map[string]bool{}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(fds) == 0 {
		t.Fatalf("no open files of process %d: %v", pid, err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:[") {
			mine[strings.Trim(to, "socket:[]")] = true
		}
	}
	var addrs []string
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			// sl local_address rem_address st … inode; state 0A is LISTEN (proc(5)).
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == "0A" && mine[f[9]] {
				addrs = append(addrs, f[1])
			}
		}
	}
	if len(addrs) == 0 {
		t.Fatalf("process %d listens nowhere", pid)
	}
	return addrs
}
