package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra/doc"

	"github.com/zimbraloki/zimbraloki/cli"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
)

// manPages writes the manual pages of all commands to a directory, which must
// exist. Their date is SOURCE_DATE_EPOCH if that is set.
func manPages(dir string) error {
	date, err := pageDate()
	if err != nil {
		return err
	}
	root := cli.Command()
	root.DisableAutoGenTag = true
	return doc.GenManTree(root, &doc.GenManHeader{
		Section: "1", Date: &date, Source: "zimbraloki " + buildinfo.Version, Manual: "zimbraloki",
	}, dir)
}

// pageDate is SOURCE_DATE_EPOCH (reproducible-builds.org), or now.
func pageDate() (time.Time, error) {
	s := os.Getenv("SOURCE_DATE_EPOCH")
	if s == "" {
		return time.Now(), nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH %q is not a number of seconds", s)
	}
	return time.Unix(n, 0).UTC(), nil
}
