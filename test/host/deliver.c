//go:build ignore

/* Worker threads and retries. A chunk is one task for each instance, as Fluent
 * Bit makes a route for each output that a chunk matches. */
#define _GNU_SOURCE
#include "host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct deliver_options deliver_options = { .workers = 1, .retry_base_ms = 5000, .retry_cap_ms = 2000000, .retry_limit = -1 };
struct tally tally;

struct task {
	struct chunk *chunk;
	struct instance *instance;
	int tries;
	int64_t due; /* on the clock of now_ms */
	struct task *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed; /* on CLOCK_MONOTONIC */
/* All below is under lock. */
static struct instance **instances;
static int n_instances, running;
static struct task *tasks; /* that wait, in the order of the chunks */
static long open_chunks;
static bool closed;        /* no retry starts any more */
static int64_t no_later;   /* then no flush starts any more, 0 for never */
static pthread_t *threads;

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void wait_until(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	pthread_cond_timedwait(&changed, &lock, &t);
}

/* backoff is Fluent Bit's: uniform between base and base * 2^tries up to the
 * cap, and a fifth of the base on top (it has 5 s and 1 s). */
static int64_t backoff(int tries)
{
	int64_t base = deliver_options.retry_base_ms, top = base;

	for (int i = 0; i < tries && top < deliver_options.retry_cap_ms; i++)
		top *= 2;
	if (top > deliver_options.retry_cap_ms)
		top = deliver_options.retry_cap_ms;
	return base + (top > base ? random() % (top - base + 1) : 0) + base / 5;
}

/* take removes the first task that may start now: for the instance, or for any
 * if it is NULL. Without one, *next is when to look again. */
static struct task *take(const struct instance *in, int64_t *next)
{
	int64_t now = now_ms();

	*next = now + 1000;
	if (no_later && now >= no_later)
		return NULL;
	for (struct task **at = &tasks; *at; at = &(*at)->next) {
		struct task *t = *at;
		if ((in && t->instance != in) || (closed && t->tries > 0))
			continue;
		if (t->due <= now) {
			*at = t->next;
			return t;
		}
		if (t->due < *next)
			*next = t->due;
	}
	return NULL;
}

static void put_back(struct task *t)
{
	struct task **at = &tasks;

	while (*at)
		at = &(*at)->next;
	t->next = NULL;
	*at = t;
}

/* settle is the end of a task; the last one of a chunk ends the chunk. */
static void settle(struct task *t)
{
	struct chunk *c = t->chunk;

	free(t);
	if (--c->open > 0)
		return;
	spool_remove(c);
	chunk_free(c);
	open_chunks--;
}

/* answered decides what follows from an answer. */
static void answered(struct task *t, int code)
{
	bool last = deliver_options.retry_limit >= 0 && t->tries >= deliver_options.retry_limit;
	const char *name = code == FLB_OK ? "OK" : code == FLB_ERROR ? "ERROR" : last ? "GIVEN_UP" : "RETRY";

	journal_write(t->chunk, instance_number(t->instance), t->tries, name);
	if (code == FLB_RETRY && !last) {
		t->due = now_ms() + backoff(t->tries++);
		tally.retries++;
		put_back(t);
		return;
	}
	if (code == FLB_OK) {
		tally.ok++;
		tally.records += t->chunk->records;
		tally.bytes += t->chunk->data.len;
	} else if (code == FLB_ERROR) {
		tally.errors++;
	} else {
		tally.given_up++;
	}
	settle(t);
}

/* run_one flushes one task, with the lock given away meanwhile. */
static void run_one(struct task *t)
{
	running++;
	pthread_mutex_unlock(&lock);
	int code = instance_flush(t->instance, t->chunk, deliver_options.stack);
	pthread_mutex_lock(&lock);
	running--;
	answered(t, code);
	pthread_cond_broadcast(&changed);
}

struct worker {
	struct instance *instance;
	int number;
};

static void *work(void *arg)
{
	struct worker w = *(struct worker *)arg;
	int64_t next;
	char name[40];

	free(arg);
	snprintf(name, sizeof name, "flb-out-zl.%d-w%d", instance_number(w.instance), w.number);
	name[15] = '\0'; /* as long as the name of a thread may be */
	pthread_setname_np(pthread_self(), name);
	pthread_mutex_lock(&lock);
	while (!(no_later && now_ms() >= no_later)) {
		struct task *t = take(w.instance, &next);
		if (t)
			run_one(t);
		else
			wait_until(no_later && no_later < next ? no_later : next);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void start_worker(int i)
{
	struct worker *w = must(malloc(sizeof *w));

	w->instance = instances[i % n_instances];
	w->number = i / n_instances;
	if (pthread_create(&threads[i], NULL, work, w) != 0)
		die("no thread");
}

void deliver_start(struct instance **list, int n)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	instances = list;
	n_instances = n;
	closed = false;
	no_later = 0;
	threads = must(calloc(n * deliver_options.workers + 1, sizeof *threads));
	for (int i = 0; i < n * deliver_options.workers; i++)
		start_worker(i);
}

void deliver_add(struct chunk *c)
{
	pthread_mutex_lock(&lock);
	c->open = n_instances;
	open_chunks++;
	tally.chunks++;
	for (int i = 0; i < n_instances; i++) {
		struct task *t = must(calloc(1, sizeof *t));
		t->chunk = c;
		t->instance = instances[i];
		put_back(t);
	}
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

long deliver_wait(long left, int64_t ms)
{
	int64_t end = now_ms() + ms, next;

	pthread_mutex_lock(&lock);
	while (open_chunks > left && now_ms() < end) {
		struct task *t = deliver_options.workers == 0 ? take(NULL, &next) : (next = end, NULL);
		if (t)
			run_one(t);
		else
			wait_until(next < end ? next : end);
	}
	long n = open_chunks;
	pthread_mutex_unlock(&lock);
	return n;
}

/* fresh counts the tasks that were not tried yet. */
static int fresh(void)
{
	int n = 0;

	for (struct task *t = tasks; t; t = t->next)
		n += t->tries == 0;
	return n;
}

/* drop frees the tasks that are left; their chunks stay in the spool. */
static void drop(void)
{
	while (tasks) {
		struct task *t = tasks;
		tasks = t->next;
		if (--t->chunk->open == 0)
			chunk_free(t->chunk);
		free(t);
	}
	open_chunks = 0;
}

long deliver_stop(int64_t grace_ms)
{
	int64_t end = now_ms() + grace_ms;

	pthread_mutex_lock(&lock);
	closed = true;
	while (fresh() > 0 && deliver_options.workers > 0 && now_ms() < end)
		wait_until(end);
	no_later = now_ms();
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < n_instances * deliver_options.workers; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	long left = open_chunks;
	drop();
	pthread_cond_destroy(&changed);
	return left;
}
