//go:build ignore

/* The side of native filters. Sources, all in Fluent Bit: include/fluent-bit/
 * flb_filter.h, flb_kv.h, flb_log_event_encoder.h; src/flb_plugin.c,
 * src/flb_filter.c, src/flb_log_event_encoder.c, src/flb_metrics.c.
 *
 * The functions named flb_… and cmt_… are what the plugin finds in the program
 * that loads it. An answer has to come in memory of this file's allocator. */
#define _GNU_SOURCE
#include "host.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- an allocator of its own ---- */

#define MAGIC UINT64_C(0x5a696d6272614c6f)

static atomic_long outstanding; /* blocks that were not freed yet */

static void *own_alloc(size_t size)
{
	uint64_t *p = must(malloc(size + 16));

	p[0] = MAGIC;
	p[1] = size;
	atomic_fetch_add(&outstanding, 1);
	return p + 2;
}

static void own_free(void *v)
{
	uint64_t *p = v;

	if (!v)
		return;
	if (p[-2] != MAGIC)
		die("the filter handed over memory that is not Fluent Bit's");
	p[-2] = 0;
	atomic_fetch_sub(&outstanding, 1);
	free(p - 2);
}

/* ---- structs, as Fluent Bit has them ---- */

struct list {
	struct list *prev, *next;
};

struct flb_kv {
	char *key, *val;
	struct list head;
};

struct filter_instance;

struct filter_plugin {
	int event_type, flags;
	char *name, *description;
	void *config_map;
	int (*cb_pre_run)(struct filter_instance *, void *, void *);
	int (*cb_init)(struct filter_instance *, void *, void *);
	int (*cb_filter)(const void *, size_t, const char *, int, void **, size_t *, struct filter_instance *, void *, void *, void *);
	int (*cb_exit)(void *, void *);
	int (*cb_notification)(struct filter_instance *, void *, void *); /* from 3.2 */
	struct list head;
};

struct filter_instance {
	int event_type, id, log_level, log_suppress_interval;
	char name[32];
	char *alias, *match;
	void *match_regex; /* see --no-regex */
	void *parent_processor, *context, *data;
	struct filter_plugin *p;
	struct list properties, *config_map, head;
};

enum { FILTER_MODIFIED = 1, FILTER_NOTOUCH = 2 };

/* ---- what the plugin calls ---- */

const char *flb_filter_name(struct filter_instance *in) { return in->name; }

void flb_filter_set_context(struct filter_instance *in, void *context) { in->context = context; }

const char *flb_filter_get_property(const char *key, struct filter_instance *in)
{
	for (struct list *l = in->properties.next; l != &in->properties; l = l->next) {
		struct flb_kv *kv = (void *)((char *)l - offsetof(struct flb_kv, head));
		if (strcasecmp(kv->key, key) == 0)
			return kv->val;
	}
	return NULL;
}

void flb_log_print(int level, const char *file, int line, const char *format, ...)
{
	va_list args;

	(void)file, (void)line;
	fprintf(stderr, "[level %d] ", level);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

struct encoder {
	int dynamic;
	char *output_buffer;
	size_t output_length;
	int initialized;
	char *owned; /* the buffer, until somebody claims it */
};

struct encoder *flb_log_event_encoder_create(int format)
{
	if (format != 4) /* FLB_LOG_EVENT_FORMAT_FLUENT_BIT_V2 */
		return NULL;
	struct encoder *e = own_alloc(sizeof *e);
	memset(e, 0, sizeof *e);
	return e;
}

int flb_log_event_encoder_emit_raw_record(struct encoder *e, const char *data, size_t size)
{
	char *all = own_alloc(e->output_length + size);

	if (e->owned)
		memcpy(all, e->owned, e->output_length);
	memcpy(all + e->output_length, data, size);
	own_free(e->owned);
	e->owned = e->output_buffer = all;
	e->output_length += size;
	return 0;
}

void flb_log_event_encoder_claim_internal_buffer_ownership(struct encoder *e) { e->owned = NULL; }

void flb_log_event_encoder_destroy(struct encoder *e)
{
	own_free(e->owned);
	own_free(e);
}

struct cmt {
	int built;
};

struct cmt *cmt_create(void) { return own_alloc(sizeof(struct cmt)); }
void cmt_destroy(struct cmt *c) { own_free(c); }

int flb_metrics_fluentbit_add(void *config, struct cmt *c)
{
	(void)config;
	c->built = 1;
	return 0;
}

char *cmt_encode_text_create(struct cmt *c)
{
	char *text = own_alloc(256);

	snprintf(text, 256, "2026-01-01T00:00:00.000000000Z fluentbit_uptime{hostname=\"h\"} = 1\n"
		"2026-01-01T00:00:00.000000000Z fluentbit_build_info{hostname=\"h\",version=\"%s\",os=\"linux\"} = %d\n",
		options.version, c->built);
	return text;
}

void cmt_encode_text_destroy(char *text) { own_free(text); }

/* ---- an instance ---- */

static void set(struct filter_instance *in, const char *spec)
{
	struct flb_kv *kv = must(calloc(1, sizeof *kv));
	struct list *head = &in->properties;

	kv->key = must(strdup(spec));
	char *eq = strchr(kv->key, '=');
	if (!eq)
		die("-p %s: want KEY=VALUE", spec);
	*eq = '\0';
	kv->val = must(strdup(eq + 1));
	kv->head.prev = head->prev;
	kv->head.next = head;
	head->prev->next = &kv->head;
	head->prev = &kv->head;
}

/* start makes an instance as flb_filter_new and flb_filter_init do. */
static struct filter_instance *start(struct filter_plugin *p, int id, bool *started)
{
	struct filter_instance *in = must(calloc(1, sizeof *in));

	in->p = p;
	in->id = id;
	in->log_level = 3;
	in->properties.prev = in->properties.next = &in->properties;
	snprintf(in->name, sizeof in->name, "%s.%d", p->name, id);
	for (int i = 0; i < options.n_properties; i++)
		set(in, options.properties[i]);
	*started = p->cb_pre_run(in, NULL, NULL) == 0 && p->cb_init(in, NULL, NULL) == 0;
	return in;
}

static void stop(struct filter_instance *in)
{
	if (in->context)
		in->p->cb_exit(in->context, NULL);
	for (struct list *l = in->properties.next, *next; l != &in->properties; l = next) {
		struct flb_kv *kv = (void *)((char *)l - offsetof(struct flb_kv, head));
		next = l->next;
		free(kv->key);
		free(kv->val);
		free(kv);
	}
	free(in);
}

/* ---- chunks through filters ---- */

struct pass {
	struct filter_instance **list;
	const struct chunk *c;
	void *out;
	size_t size;
};

/* through brings a chunk to one filter after the other, as flb_filter_do does. */
static void *through(void *arg)
{
	struct pass *p = arg;
	void *work = own_alloc(p->c->data.len);
	size_t size = p->c->data.len;

	memcpy(work, p->c->data.p, size);
	for (int i = 0; i < options.instances; i++) {
		struct filter_instance *in = p->list[i];
		size_t tag_size = strlen(p->c->tag);
		uint8_t *data = guarded(size, true), *tag = guarded(tag_size, true); /* a tag need not end with a zero */
		void *out = NULL;
		size_t out_size = 0;

		memcpy(data, work, size);
		memcpy(tag, p->c->tag, tag_size);
		int code = in->p->cb_filter(data, size, (char *)tag, tag_size, &out, &out_size, in, NULL, in->context, NULL);
		if (memcmp(data, work, size) != 0)
			die("the filter wrote into chunk %s", p->c->id);
		forbid(data, size);
		forbid(tag, tag_size);
		if (code == FILTER_MODIFIED) {
			if (!out_size)
				die("the filter dropped chunk %s", p->c->id);
			own_free(work);
			work = out;
			size = out_size;
			atomic_fetch_add(&tally.ok, 1);
		} else if (code != FILTER_NOTOUCH || out) {
			die("the filter answered %d", code);
		} else {
			atomic_fetch_add(&tally.retries, 1); /* as it came */
		}
	}
	atomic_fetch_add(&tally.chunks, 1);
	atomic_fetch_add(&tally.records, p->c->records);
	atomic_fetch_add(&tally.bytes, (long)size);
	p->out = work;
	p->size = size;
	return NULL;
}

/* pass brings a chunk by as many threads at once as there are workers: the
 * first one's answer is written. */
static void pass(struct filter_instance **list, const struct chunk *c, FILE *file)
{
	enum { MAX = 16 };
	struct pass all[MAX];
	pthread_t threads[MAX];
	int n = deliver_options.workers < 1 ? 1 : deliver_options.workers > MAX ? MAX : deliver_options.workers;

	for (int i = 0; i < n; i++) {
		all[i] = (struct pass){ .list = list, .c = c };
		if (n > 1 && pthread_create(&threads[i], NULL, through, &all[i]) != 0)
			die("no thread");
	}
	if (n == 1)
		through(&all[0]);
	for (int i = 0; i < n; i++) {
		if (n > 1)
			pthread_join(threads[i], NULL);
		if (i == 0 && file && fwrite(all[i].out, 1, all[i].size, file) != all[i].size)
			die("%s: cannot be written", options.filter);
		own_free(all[i].out);
	}
}

static int cycle(struct filter_plugin *p, FILE *file)
{
	struct filter_instance **list = must(calloc(options.instances, sizeof *list));
	bool started = true;
	int n = 0;

	while (started && n < options.instances) {
		list[n] = start(p, n, &started);
		n++;
	}
	for (struct source *s = options.sources; s && started; s = s->next)
		for (struct chunk *c; (c = source_read(s)); chunk_free(c))
			pass(list, c, file);
	while (n > 0)
		stop(list[--n]);
	free(list);
	return started ? END_DELIVERED : END_NO_START;
}

int filter_run(void)
{
	FILE *file = must(fopen(options.filter, "we"));
	int code = END_DELIVERED;

	for (int i = 0; i < (options.cycles ? options.cycles : 1) && code == END_DELIVERED; i++) {
		void *dso = dlopen(options.so, RTLD_LAZY);
		if (!dso)
			die("%s", dlerror());
		void *symbol = dlsym(dso, "filter_zimbraloki_plugin");
		if (!symbol)
			die("registration structure is missing");
		struct filter_plugin *p = guarded(sizeof *p, false);
		memcpy(p, symbol, sizeof *p);
		p->head.prev = p->head.next = &p->head;
		code = cycle(p, i == 0 ? file : NULL);
		guarded_free(p, sizeof *p);
		dlclose(dso);
		rewind_sources();
		if ((i + 1) % 10 == 0)
			print_state(i + 1);
	}
	if (fclose(file) != 0)
		die("%s: cannot be written", options.filter);
	printf("chunks=%ld changed=%ld unchanged=%ld records=%ld bytes=%ld outstanding=%ld\n",
		tally.chunks, tally.ok, tally.retries, tally.records, tally.bytes, outstanding);
	return code;
}
