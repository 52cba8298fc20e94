/*
 * host plays Fluent Bit's side of the Go plugin interface: it loads a plugin
 * with dlopen, registers it, starts instances, brings them chunks on worker
 * threads and coroutine stacks, brings a chunk again that was answered with
 * FLB_RETRY, and stops. See options.c for what it can be told.
 *
 * It is stricter than Fluent Bit where that finds faults: every struct and
 * every chunk ends at a page that cannot be touched, and a chunk cannot be
 * touched any more once its flush has returned.
 *
 *   abi.c      load, register, init, flush, exit (Fluent Bit src/flb_plugin_proxy.c, src/proxy/go/go.c)
 *   coro.c     a flush on a stack of its own (lib/flb_libco)
 *   chunk.c    lines to chunks (src/flb_log_event_encoder.c, plugins/in_tail)
 *   spool.c    chunks on disk until they are delivered (storage.type filesystem), journal
 *   filter.c   native filters (src/flb_plugin.c, src/flb_filter.c)
 *   deliver.c  worker threads, retries (src/flb_output_thread.c, src/flb_scheduler.c)
 *   options.c  the command line
 *   host.c     signals, the run
 *
 * The build tag in the C files tells go that they are not part of the package
 * of tests beside them.
 */
#ifndef HOST_H
#define HOST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Answers of a flush (include/fluent-bit/flb_output.h). */
enum { FLB_ERROR = 0, FLB_OK = 1, FLB_RETRY = 2 };

/* die prints a message and ends the process with code 2. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *must(void *p); /* p, unless it is NULL */

/* now_ms is a clock that only goes forward, in milliseconds. */
int64_t now_ms(void);

/* ---- chunk.c ---- */

/* buf is a growing byte string. */
struct buf {
	uint8_t *p;
	size_t len, cap;
};
void buf_put(struct buf *b, const void *p, size_t n);

struct chunk {
	char id[40];       /* name in spool and journal */
	char *tag;
	struct buf data;
	long records;
	char *path;        /* the file it was read from, NULL for none */
	int64_t end;       /* offset in bytes behind its last line in that file */
	int open;          /* instances that have not taken it yet */
	struct chunk *next;
};
struct chunk *chunk_new(const char *tag);
void chunk_free(struct chunk *c);

/* source is a file to read, line by line or (raw) as one chunk. */
struct source {
	char *tag, *path;
	const char *host; /* for the record's key "hostname", NULL for none */
	bool raw, done;
	int fd;         /* -1 until it is opened */
	int64_t offset; /* in bytes, behind the last line that is in a chunk */
	struct buf rest; /* what follows offset and has no newline yet */
	struct source *next;
};
struct source *source_new(const char *spec, bool raw);

/* How records are made. */
struct record_options {
	const char *path_key;  /* key for the path, NULL for none */
	size_t chunk_bytes;    /* a chunk ends with the record that reaches this */
	int64_t arrival_ns;    /* time of the first record, 0 for the clock */
	bool follow;           /* a last line without newline is not complete yet */
};
extern struct record_options record_options;

/* source_read makes the next chunk of a source, NULL if there is no line now. */
struct chunk *source_read(struct source *s);

/* ---- coro.c ---- */

/* coro_run runs fn on a new stack of size bytes, or on this one if size is 0. */
int coro_run(size_t size, int (*fn)(void *), void *arg);
/* coro_depth is the deepest use of such a stack so far, in bytes. */
size_t coro_depth(void);

/* ---- abi.c ---- */

/* The ABI of a Fluent Bit version, by what the definition of a plugin holds. */
enum abi {
	ABI_3_2, /* up to 4.2.2: neither of the two */
	ABI_4_2, /* 4.2.3 to 5.1.0: event_type */
	ABI_5_1, /* from 5.1.1: event_type and config_map */
};

/* guarded returns size bytes, of 0xa5 or of 0, that end at a page which nobody
 * may touch; forbid makes them untouchable, for a while. */
void *guarded(size_t size, bool zero);
void guarded_free(void *p, size_t size);
void forbid(void *p, size_t size);

struct plugin;
struct instance;

struct plugin *plugin_load(const char *so, enum abi abi);
bool plugin_register(struct plugin *p, bool hot_reload);
void plugin_unregister(struct plugin *p);

struct instance *instance_new(struct plugin *p, int number);
void instance_set(struct instance *in, const char *key, const char *value);
int instance_init(struct instance *in);
int instance_flush(struct instance *in, const struct chunk *c, size_t stack);
void instance_exit(struct instance *in);
void instance_free(struct instance *in);
int instance_number(const struct instance *in);

/* ---- spool.c ---- */

void journal_open(const char *path);
void journal_write(const struct chunk *c, int instance, int tries, const char *result);
void spool_open(const char *dir, struct source *sources);
struct chunk *spool_load(void);         /* the chunks of an earlier run, oldest first */
void spool_store(struct chunk *c);      /* before the first flush */
void spool_remove(struct chunk *c);     /* after the last answer */

/* ---- deliver.c ---- */

struct deliver_options {
	int workers;           /* threads an instance, 0: on the engine thread */
	size_t stack;          /* bytes of a coroutine's stack, 0 for none */
	int64_t retry_base_ms; /* shortest wait before a retry */
	int64_t retry_cap_ms;  /* longest */
	int retry_limit;       /* retries, -1 for no limit */
};
extern struct deliver_options deliver_options;

/* What was delivered, by answers: a chunk counts once an instance. */
struct tally {
	atomic_long chunks, records, bytes, ok, retries, errors, given_up;
};
extern struct tally tally;

void deliver_start(struct instance **instances, int n);
void deliver_add(struct chunk *c);
/* deliver_wait works or waits until there are at most left chunks open, or ms
 * milliseconds have passed; it returns how many are open. */
long deliver_wait(long left, int64_t ms);
/* deliver_stop lets no retry start any more, and no flush after grace ms; it
 * returns when no flush is under way, and how many chunks were not taken. */
long deliver_stop(int64_t grace_ms);

/* ---- filter.c ---- */

/* filter_run plays the side of native filters; it returns the exit code. */
int filter_run(void);

/* ---- host.c ---- */

void rewind_sources(void);      /* to be read again from their beginning */
void print_state(int cycle);    /* what can be counted from outside */

/* ---- options.c ---- */

struct options {
	const char *so, *spool, *journal;
	const char *filter, *version; /* file for answers, or NULL; what Fluent Bit says of itself */
	enum abi abi;
	int instances, cycles;
	int64_t deadline_ms, grace_ms;
	bool daemon, check_signals;
	struct source *sources;
	int n_properties;
	const char **properties; /* as written */
};
extern struct options options;

/* parse_options reads the command line, also into record_options and
 * deliver_options. */
void parse_options(int argc, char **argv);

/* What the process ends with. */
enum {
	END_DELIVERED = 0, /* everything was taken */
	END_NO_START = 1,  /* an instance did not start */
	END_USAGE = 2,     /* or the host itself failed */
	END_LEFT = 3,      /* chunks are left: deadline, SIGTERM */
	END_DROPPED = 4,   /* a chunk was answered with FLB_ERROR or given up */
	END_SIGNALS = 5,   /* --check-signals found them wrong */
};

#endif
