package serve

import (
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/logql"
	"github.com/zimbraloki/zimbraloki/serve/lokiapi"
)

const serveLong = `Answer Loki's HTTP API from one process and one folder: for a machine that has no
Loki, a test, an investigation. Grafana's Loki data source, the dashboards,
logcli and whatever pushes to Loki work on it.

With --data it takes pushes and keeps them there; what it has answered with 204
is on disk. With PATH... it reads logs as ship does, files, folders and archives,
and serves what the plugin would have sent; without --data it keeps that in a
folder of its own, takes no pushes, and removes all when it ends.

It listens to this machine alone. To listen elsewhere it wants a token or a
user: --token-file, or --user and --password-file.

docs/serve.md says what it does not do, and when to take Loki.

Exit codes: 0 it was stopped, 1 an error, 2 a mistake in the command line.`

const serveExample = `  zimbraloki serve --data /var/lib/zimbraloki
  zimbraloki serve --listen 127.0.0.1:3100 /mnt/case-17/logs.tar.gz
  zimbraloki serve --data /var/lib/zimbraloki --retention 30d --max-size 100GB \
    --listen 0.0.0.0:3100 --token-file /etc/zimbraloki/token`

// options are the flags.
type options struct {
	logs                          flags.Logs
	listen, data                  string
	tokenFile, user, passwordFile string
	retention, maxSize, memory    string
	noSync, serviceName, level    bool
	maxEntries, maxSeries         int
	timeout                       time.Duration
	token, password               string
	age                           time.Duration
	sizeBytes, memoryBytes        int64
}

// Command is zimbraloki serve.
func Command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use: "serve [--data DIR] [PATH...]", Short: "Answer Loki's API from a folder or from logs", Long: serveLong, Example: serveExample,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(args); err != nil {
				return err
			}
			return run(c, &o, args)
		},
	}
	o.add(c.Flags())
	return c
}

func (o *options) add(f *pflag.FlagSet) {
	o.logs.Add(f)
	f.StringVar(&o.listen, "listen", "127.0.0.1:3100", "`address` to listen on")
	f.StringVar(&o.data, "data", "", "`folder` to keep entries in; made if it is not there")
	f.StringVar(&o.tokenFile, "token-file", "", "`file` with the bearer token that requests must carry")
	f.StringVar(&o.user, "user", "", "`name` that requests must carry, as basic auth; with --password-file")
	f.StringVar(&o.passwordFile, "password-file", "", "`file` with the password of --user")
	f.StringVar(&o.retention, "retention", "", "drop days older than `time`, as 30d (default: keep all)")
	f.StringVar(&o.maxSize, "max-size", "", "drop the oldest days when the store takes more than `size`, as 100GB (default: keep all)")
	f.StringVar(&o.memory, "memory", "64MB", "`size` of entries that wait in memory to become blocks")
	f.BoolVar(&o.noSync, "no-sync", false, "answer 204 before the disk has written: a kill loses nothing, a loss of power the last seconds")
	f.BoolVar(&o.serviceName, "discover-service-name", false, "give streams a label service_name as Loki does")
	f.BoolVar(&o.level, "discover-log-levels", false, "give entries metadata detected_level as Loki does")
	f.IntVar(&o.maxEntries, "query-max-entries", lokiapi.DefaultMaxEntries, "`entries` that a log query may ask for")
	f.IntVar(&o.maxSeries, "query-max-series", lokiapi.DefaultMaxSeries, "`series` that a metric query may have")
	f.DurationVar(&o.timeout, "query-timeout", lokiapi.DefaultTimeout, "`time` that a query may take")
}

// minMemory is in bytes: some blocks.
const minMemory = 4e6

// check reads what the flags name. Its error is a UsageError.
func (o *options) check(args []string) (err error) {
	if o.data == "" && len(args) == 0 {
		return flags.Usagef("serve needs --data, logs to read, or both")
	}
	if o.token, err = secret("--token-file", o.tokenFile); err != nil {
		return err
	}
	if o.password, err = secret("--password-file", o.passwordFile); err != nil {
		return err
	}
	if (o.user == "") != (o.password == "") {
		return flags.Usagef("--user and --password-file belong together")
	}
	if o.retention != "" {
		if o.age, err = logql.ParseRange(o.retention); err != nil || o.age <= 0 {
			return flags.Usagef("--retention %q: write a time like 30d or 12h", o.retention)
		}
	}
	if o.sizeBytes, err = size("--max-size", o.maxSize); err != nil {
		return err
	}
	if o.memoryBytes, err = size("--memory", o.memory); err != nil {
		return err
	}
	if o.memoryBytes > 0 && o.memoryBytes < minMemory {
		return flags.Usagef("--memory %s is too little: at least 4MB", o.memory)
	}
	if o.maxEntries <= 0 || o.maxSeries <= 0 || o.timeout <= 0 {
		return flags.Usagef("--query-max-entries, --query-max-series and --query-timeout must be more than 0")
	}
	return o.checkListen()
}

// checkListen wants credentials for whatever others can reach.
func (o *options) checkListen() error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return flags.Usagef("--listen %q: write host:port, like 127.0.0.1:3100: %w", o.listen, err)
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() || o.token != "" || o.password != "" {
		return nil
	}
	return flags.Usagef("--listen %s can be reached from other machines: set --token-file, or --user and --password-file, or listen on 127.0.0.1", o.listen)
}

// secret reads a file of one line.
func secret(flag, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", flags.Usagef("%s: %w", flag, err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return "", flags.Usagef("%s: %s must hold one line that is not empty", flag, path)
	}
	return text, nil
}

// size reads a number of bytes; "" is 0.
func size(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, ok := logql.ParseBytes(text)
	if !ok || n == 0 || n > 1<<60 {
		return 0, flags.Usagef("%s %q: write a size like 500MB or 100GB", flag, text)
	}
	return int64(n), nil
}
