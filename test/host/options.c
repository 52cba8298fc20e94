//go:build ignore

/* The command line. */
#define _GNU_SOURCE
#include "host.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = { .abi = ABI_5_1, .instances = 1, .deadline_ms = INT64_MAX / 2, .grace_ms = 5000, .version = "5.1.1" };

static const char usage_text[] =
	"usage: host [options] PLUGIN.so\n"
	"  --abi 3.2|4.2|5.1        structs as in Fluent Bit up to 4.2.2, up to 5.1.0, from 5.1.1 (5.1)\n"
	"  -p KEY=VALUE             property of all instances; -p N:KEY=VALUE of instance N, from 0\n"
	"  --instances N            outputs side by side (1)\n"
	"  --workers N              flush threads of an instance, 0: the engine thread (1)\n"
	"  --coro-stack KIB         stack of a flush, 0: the thread's (64; Fluent Bit before 5.1: 24)\n"
	"  --file TAG=PATH          tail a file from its head; may be repeated\n"
	"  --raw-msgpack TAG=PATH   a file that is one chunk\n"
	"  --host NAME              add it as hostname to each record of the files that follow\n"
	"  --path-key KEY           add the path to each record\n"
	"  --chunk-bytes N          size at which a chunk ends (2000000)\n"
	"  --arrival SECONDS        time of the first record, since 1970; the next are 1 us apart (now)\n"
	"  --follow                 do not end at the end of the files\n"
	"  --retry MS[,CAP]         shortest and longest wait before a retry (5000,2000000)\n"
	"  --retry-limit N          retries of a chunk (no limit)\n"
	"  --deadline SECONDS       give up after that time (none)\n"
	"  --grace SECONDS          what SIGTERM leaves for chunks not tried yet (5)\n"
	"  --spool DIR              keep chunks until they are taken, and bring them in the next run\n"
	"  --journal FILE           append one line for each answer\n"
	"  --cycles N               register, init, flush, exit, unregister N times; a line every 10\n"
	"  --filter FILE            play the side of native filters, and write what becomes of the chunks;\n"
	"                           --instances one after the other, --workers threads at once\n"
	"  --fluent-bit VERSION     what Fluent Bit tells a filter of itself (5.1.1)\n"
	"  --daemon                 fork after the plugin was registered\n"
	"  --check-signals          install the handlers anew after each init, as SIGCONT does, and\n"
	"                           look at the end whether Go's are in place\n"
	"Exit code: 0 all taken, 1 no start, 2 usage, 3 chunks are left, 4 chunks dropped, 5 signals.\n";

enum {
	O_ABI = 256, O_INSTANCES, O_WORKERS, O_STACK, O_FILE, O_RAW, O_HOST, O_PATH_KEY, O_CHUNK_BYTES, O_ARRIVAL, O_FOLLOW,
	O_RETRY, O_RETRY_LIMIT, O_DEADLINE, O_GRACE, O_SPOOL, O_JOURNAL, O_CYCLES, O_DAEMON, O_CHECK_SIGNALS,
	O_FILTER, O_FLUENT_BIT,
};

static const struct option long_options[] = {
	{ "abi", 1, 0, O_ABI }, { "instances", 1, 0, O_INSTANCES }, { "workers", 1, 0, O_WORKERS },
	{ "coro-stack", 1, 0, O_STACK }, { "file", 1, 0, O_FILE }, { "raw-msgpack", 1, 0, O_RAW },
	{ "host", 1, 0, O_HOST }, { "path-key", 1, 0, O_PATH_KEY }, { "chunk-bytes", 1, 0, O_CHUNK_BYTES }, { "arrival", 1, 0, O_ARRIVAL },
	{ "follow", 0, 0, O_FOLLOW }, { "retry", 1, 0, O_RETRY }, { "retry-limit", 1, 0, O_RETRY_LIMIT },
	{ "deadline", 1, 0, O_DEADLINE }, { "grace", 1, 0, O_GRACE }, { "spool", 1, 0, O_SPOOL },
	{ "journal", 1, 0, O_JOURNAL }, { "cycles", 1, 0, O_CYCLES }, { "daemon", 0, 0, O_DAEMON },
	{ "filter", 1, 0, O_FILTER }, { "fluent-bit", 1, 0, O_FLUENT_BIT },
	{ "check-signals", 0, 0, O_CHECK_SIGNALS }, { "help", 0, 0, 'h' }, { 0 },
};

static enum abi parse_abi(const char *s)
{
	if (strcmp(s, "3.2") == 0)
		return ABI_3_2;
	if (strcmp(s, "4.2") == 0)
		return ABI_4_2;
	if (strcmp(s, "5.1") == 0)
		return ABI_5_1;
	die("--abi %s: want 3.2, 4.2 or 5.1", s);
}

static double number(const char *name, const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (end == s || *end || v < 0)
		die("--%s %s: want a number", name, s);
	return v;
}

static int64_t nanoseconds(double seconds)
{
	int64_t whole = seconds;

	return whole * 1000000000 + (int64_t)((seconds - whole) * 1e9);
}

static void parse_retry(const char *s)
{
	long long base, cap;
	int n = sscanf(s, "%lld,%lld", &base, &cap);

	if (n < 1 || base < 0)
		die("--retry %s: want MS or MS,CAP", s);
	deliver_options.retry_base_ms = base;
	deliver_options.retry_cap_ms = n == 2 ? cap : base;
}

static const char *source_host; /* by --host, for the files that follow */

static void add_source(const char *spec, bool raw)
{
	struct source **at = &options.sources;

	while (*at)
		at = &(*at)->next;
	*at = source_new(spec, raw);
	(*at)->host = source_host;
}

static void add_property(const char *spec)
{
	size_t size = (options.n_properties + 1) * sizeof *options.properties;

	options.properties = must(realloc(options.properties, size));
	options.properties[options.n_properties++] = spec;
}

static void option(int o, const char *name, const char *arg)
{
	switch (o) {
	case 'p': add_property(arg); break;
	case O_ABI: options.abi = parse_abi(arg); break;
	case O_INSTANCES: options.instances = number(name, arg); break;
	case O_WORKERS: deliver_options.workers = number(name, arg); break;
	case O_STACK: deliver_options.stack = number(name, arg) * 1024; break;
	case O_FILE: add_source(arg, false); break;
	case O_RAW: add_source(arg, true); break;
	case O_HOST: source_host = arg; break;
	case O_PATH_KEY: record_options.path_key = arg; break;
	case O_CHUNK_BYTES: record_options.chunk_bytes = number(name, arg); break;
	case O_ARRIVAL: record_options.arrival_ns = nanoseconds(number(name, arg)); break;
	case O_FOLLOW: record_options.follow = true; break;
	case O_RETRY: parse_retry(arg); break;
	case O_RETRY_LIMIT: deliver_options.retry_limit = number(name, arg); break;
	case O_DEADLINE: options.deadline_ms = number(name, arg) * 1000; break;
	case O_GRACE: options.grace_ms = number(name, arg) * 1000; break;
	case O_SPOOL: options.spool = arg; break;
	case O_JOURNAL: options.journal = arg; break;
	case O_CYCLES: options.cycles = number(name, arg); break;
	case O_FILTER: options.filter = arg; break;
	case O_FLUENT_BIT: options.version = arg; break;
	case O_DAEMON: options.daemon = true; break;
	case O_CHECK_SIGNALS: options.check_signals = true; break;
	case 'h': fputs(usage_text, stdout); exit(END_DELIVERED);
	default: fputs(usage_text, stderr); exit(END_USAGE);
	}
}

void parse_options(int argc, char **argv)
{
	int o, index = 0;

	deliver_options.stack = 64 * 1024;
	while ((o = getopt_long(argc, argv, "p:h", long_options, &index)) != -1)
		option(o, o >= 256 ? long_options[index].name : "", optarg);
	if (optind != argc - 1)
		option('?', "", NULL);
	options.so = argv[optind];
	if (options.cycles && (options.spool || record_options.follow))
		die("--cycles goes with neither --spool nor --follow");
}
