package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// node runs the tests of a folder that has a package.json, as `npm test` does,
// after what its lock file names is installed. Without Node, or without a network
// to install from, they are left out.
func (s *summary) node(dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		s.skip("no npm for " + dir)
		return nil
	}
	start := time.Now()
	c := exec.Command(npm, "ci", "--silent")
	c.Dir, c.Stderr = dir, os.Stderr
	if err := c.Run(); err != nil {
		s.skip(fmt.Sprintf("npm ci in %s: %v", dir, err))
		return nil
	}
	c = exec.Command(npm, "test", "--silent")
	c.Dir, c.Stderr = dir, os.Stderr
	out, err := c.Output()
	s.tap(dir, string(out), err != nil, time.Since(start))
	return nil
}

func (s *summary) skip(why string) {
	s.skipped++
	s.left[why]++
}

// counts are the lines in which Node's runner says how many tests there were.
var counts = regexp.MustCompile(`(?m)^(?:#|ℹ) (pass|fail|skipped) (\d+)$`)

// tap adds what Node's test runner printed.
func (s *summary) tap(dir, text string, failed bool, took time.Duration) {
	n := map[string]int{}
	for _, m := range counts.FindAllStringSubmatch(text, -1) {
		n[m[1]], _ = strconv.Atoi(m[2]) // digits
	}
	s.passed += n["pass"]
	s.failed += n["fail"]
	for range n["skipped"] {
		s.skip("skipped in " + dir)
	}
	word := "ok  "
	if failed {
		word = "FAIL"
		s.failures = append(s.failures, "--- FAIL "+dir+"\n"+text)
		if n["fail"] == 0 {
			s.broken++
		}
	}
	fmt.Printf("%s %-70s %6.1f s\n", word, dir, took.Seconds())
}
