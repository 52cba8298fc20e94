//go:build ignore

/* The run: signals, instances, feeding. See host.h. */
#define _GNU_SOURCE
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "host: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	_exit(END_USAGE);
}

void *must(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

/* ---- signals, as Fluent Bit has them (src/fluent-bit.c) ---- */

static volatile sig_atomic_t stopping;
static void install_signals(void);

static void on_stop(int sig) { stopping = sig; }

static void on_signal(int sig)
{
	static const char text[] = "host: caught a fault\n";

	install_signals();
	if (sig != SIGSEGV && sig != SIGFPE)
		return;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(END_USAGE);
	abort();
}

static void install_signals(void)
{
	signal(SIGINT, on_stop);
	signal(SIGQUIT, on_stop);
	signal(SIGTERM, on_stop);
	signal(SIGHUP, on_signal);
	signal(SIGCONT, on_signal);
	signal(SIGSEGV, on_signal);
	signal(SIGFPE, on_signal);
}

/* signals_good says whether a fault goes to Go (which has SIGURG to itself),
 * and whether the other handlers run on the alternate stack. */
static bool signals_good(void)
{
	static const int stops[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCONT };
	struct sigaction urg, act;
	bool good = true;

	sigaction(SIGURG, NULL, &urg);
	sigaction(SIGSEGV, NULL, &act);
	good = urg.sa_handler != SIG_DFL && act.sa_sigaction == urg.sa_sigaction;
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
		sigaction(stops[i], NULL, &act);
		good = good && (act.sa_flags & SA_ONSTACK) && (act.sa_handler == on_stop || act.sa_handler == on_signal);
	}
	return good;
}

/* ---- what can be counted from outside ---- */

static int entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = -2; /* . and .. */

	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

void print_state(int cycle)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	printf("cycle=%d rss_kb=%ld threads=%d fds=%d\n", cycle, pages * sysconf(_SC_PAGESIZE) / 1024,
		entries("/proc/self/task"), entries("/proc/self/fd") - 1);
	fflush(stdout);
}

static void print_tally(long left)
{
	printf("chunks=%ld ok=%ld retries=%ld errors=%ld given_up=%ld left=%ld records=%ld bytes=%ld stack=%zu\n",
		tally.chunks, tally.ok, tally.retries, tally.errors, tally.given_up, left, tally.records, tally.bytes,
		coro_depth());
	fflush(stdout);
}

/* ---- the run ---- */

/* property sets "N:KEY=VALUE" if it is for this instance, or, with common set,
 * "KEY=VALUE". */
static void property(struct instance *in, const char *spec, bool common)
{
	char *end, *copy;
	long number = strtol(spec, &end, 10);
	bool numbered = end != spec && *end == ':';

	if (numbered == common || (numbered && number != instance_number(in)))
		return;
	if (numbered)
		spec = end + 1;
	copy = must(strdup(spec));
	char *eq = strchr(copy, '=');
	if (!eq)
		die("-p %s: want KEY=VALUE", spec);
	*eq = '\0';
	instance_set(in, copy, eq + 1);
	free(copy);
}

/* configure makes an instance. Its own properties come first: of several
 * values of one key the plugin sees the first. */
static struct instance *configure(struct plugin *p, int i)
{
	struct instance *in = instance_new(p, i);

	for (int common = 0; common < 2; common++)
		for (int k = 0; k < options.n_properties; k++)
			property(in, options.properties[k], common);
	return in;
}

/* init_all starts the instances one after the other, up to the first that
 * does not start. */
static bool init_all(struct plugin *p, struct instance **list)
{
	for (int i = 0; i < options.instances; i++)
		list[i] = configure(p, i);
	for (int i = 0; i < options.instances; i++) {
		int code = instance_init(list[i]);
		if (options.check_signals)
			install_signals();
		if (code <= 0) {
			fprintf(stderr, "host: instance %d did not start: init returned %d\n", i, code);
			return false;
		}
	}
	return true;
}

static void exit_all(struct instance **list)
{
	for (int i = 0; i < options.instances; i++) {
		instance_exit(list[i]);
		instance_free(list[i]);
	}
}

/* feed makes one round through the sources; it returns whether there were any
 * lines, and in *more whether any source goes on. */
static bool feed(bool *more)
{
	bool any = false;

	*more = false;
	for (struct source *s = options.sources; s && !stopping; s = s->next) {
		struct chunk *c = source_read(s);
		*more = *more || !s->done;
		if (!c)
			continue;
		any = true;
		spool_store(c);
		deliver_add(c);
		deliver_wait(64, 1000); /* a limit on memory, as mem_buf_limit is one */
	}
	return any;
}

static long tail(struct instance **list)
{
	int64_t end = now_ms() + options.deadline_ms;
	bool more = true;

	deliver_start(list, options.instances);
	for (struct chunk *c = spool_load(), *next; c; c = next) {
		next = c->next;
		deliver_add(c);
	}
	while (more && !stopping && now_ms() < end)
		if (!feed(&more) && more)
			deliver_wait(-1, 100);
	while (!stopping && now_ms() < end && deliver_wait(0, 100) > 0)
		;
	return deliver_stop(stopping ? options.grace_ms : 0);
}

static int run_once(struct plugin *p)
{
	struct instance **list = must(calloc(options.instances, sizeof *list));
	long left = 0;
	bool started = init_all(p, list);

	if (started) {
		left = tail(list);
		if (options.check_signals && !signals_good())
			left = -1;
	}
	exit_all(list);
	free(list);
	plugin_unregister(p);
	if (!started)
		return END_NO_START;
	if (!options.cycles)
		print_tally(left);
	if (left < 0)
		return END_SIGNALS;
	if (tally.errors > 0 || tally.given_up > 0)
		return END_DROPPED;
	return left > 0 ? END_LEFT : END_DELIVERED;
}

void rewind_sources(void)
{
	for (struct source *s = options.sources; s; s = s->next) {
		if (s->fd >= 0)
			close(s->fd);
		s->fd = -1;
		s->offset = 0;
		s->done = false;
	}
}

static struct plugin *load(bool hot_reload)
{
	struct plugin *p = plugin_load(options.so, options.abi);

	if (!plugin_register(p, hot_reload))
		die("%s: not registered", options.so);
	return p;
}

/* run is the engine thread. */
static void *run(void *arg)
{
	struct plugin *p = arg;
	int code = END_DELIVERED;

	pthread_setname_np(pthread_self(), "flb-pipeline");
	if (!options.cycles)
		return (void *)(intptr_t)run_once(p);
	for (int i = 1; i <= options.cycles && code == END_DELIVERED && !stopping; i++) {
		code = run_once(p);
		rewind_sources();
		if (i % 10 == 0)
			print_state(i);
		if (i < options.cycles)
			p = load(true);
	}
	print_tally(0);
	return (void *)(intptr_t)code;
}

static int engine(struct plugin *p)
{
	pthread_t t;
	void *result;

	if (pthread_create(&t, NULL, run, p) != 0)
		die("no thread");
	pthread_join(t, &result);
	return (intptr_t)result;
}

/* forked runs the engine in a child, as Fluent Bit's daemon mode does. */
static int forked(struct plugin *p)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		die("fork: %s", strerror(errno));
	if (child == 0)
		return engine(p);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : END_USAGE;
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	if (options.journal)
		journal_open(options.journal);
	if (options.spool)
		spool_open(options.spool, options.sources);
	srandom(time(NULL) ^ getpid());
	install_signals();
	if (options.filter)
		return filter_run();
	struct plugin *p = load(false);
	return options.daemon ? forked(p) : engine(p);
}
