// Command write writes the sample logs: those of the last two hours, or of the
// time that -start and -past name, and with -follow what happens from now on, for
// the compose file and for whoever wants to try a configuration.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

func main() {
	dir := flag.String("dir", "", "folder for the logs; each host gets one of its name in it")
	follow := flag.Bool("follow", false, "go on in real time until Ctrl-C")
	rate := flag.Float64("mails-per-minute", 6, "volume; all else grows with it")
	seed := flag.Uint64("seed", 20260802, "the same seed gives the same lines")
	past := flag.Duration("past", samplelogs.Period, "how much is written of what has already happened; 0 for nothing")
	begin := flag.String("start", "", "time of the first line, 2026-11-23T00:00:00Z (default: as long ago as -past says)")
	zone := flag.String("timezone", "Local", "zone of the clocks, as Europe/Moscow")
	once := flag.Duration("once", 0, "how long after the start the incidents begin, once; 0 for again and again")
	rotate := flag.Bool("rotate", false, "rotate the logs at midnight, as Zimbra and logrotate do")
	quiet := flag.Bool("no-incidents", false, "ordinary work only")
	check := flag.Bool("check", false, "end with 0 if the logs are there, with 1 if not, and write nothing: for a health check")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if *check {
		if err := written(*dir); err != nil {
			fmt.Fprintln(os.Stderr, "write:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o := samplelogs.Options{Duration: *past, Seed: *seed, MailsPerMinute: *rate, NoIncidents: *quiet, Once: *once, Rotate: *rotate}
	err := when(&o, *begin, *zone)
	if err == nil {
		err = run(ctx, *dir, o, *follow)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}

// written says why the log of the MTA has no lines.
func written(dir string) error {
	path := filepath.Join(dir, "mta1.example.com", "zimbra.log")
	st, err := os.Stat(path)
	if err == nil && st.Size() == 0 {
		err = fmt.Errorf("%s is empty", path)
	}
	return err
}

// when sets the start and the zone.
func when(o *samplelogs.Options, start, zone string) (err error) {
	if o.Location, err = time.LoadLocation(zone); err != nil {
		return err
	}
	if o.Start = time.Now().Add(-o.Duration); start != "" {
		o.Start, err = time.Parse(time.RFC3339, start)
	}
	return err
}

func run(ctx context.Context, dir string, o samplelogs.Options, follow bool) error {
	if o.Duration > 0 {
		files, err := samplelogs.Write(dir, o)
		if err != nil {
			return err
		}
		fmt.Printf("%d entries in %d files under %s\n", samplelogs.Count(files), len(files), dir)
	}
	if !follow {
		return nil
	}
	o.Seed++
	return samplelogs.Follow(ctx, dir, o)
}
