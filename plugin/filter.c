/*
 * The filter's side of Fluent Bit: the symbol that it copies, and what the
 * filter needs of the program. All is the program's own: a chunk that was
 * changed is handed back in a buffer that its log event encoder made, exactly as
 * its own filters do, so whatever allocator it was built with (jemalloc in
 * releases) gets back what it gave.
 *
 * What is declared weak is NULL in a program that does not export it.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "filter.h"

#define HOST extern __attribute__((weak))

struct cmt;

HOST const char *flb_filter_name(struct zl_filter_instance *);
HOST const char *flb_filter_get_property(const char *, struct zl_filter_instance *);
HOST void flb_filter_set_context(struct zl_filter_instance *, void *);
HOST void flb_log_print(int, const char *, int, const char *, ...);
HOST struct zl_encoder *flb_log_event_encoder_create(int format);
HOST void flb_log_event_encoder_destroy(struct zl_encoder *);
HOST int flb_log_event_encoder_emit_raw_record(struct zl_encoder *, const char *, size_t);
HOST void flb_log_event_encoder_claim_internal_buffer_ownership(struct zl_encoder *);
HOST int flb_metrics_fluentbit_add(struct zl_config *, struct cmt *);
HOST struct cmt *cmt_create(void);
HOST void cmt_destroy(struct cmt *);
HOST char *cmt_encode_text_create(struct cmt *);
HOST void cmt_encode_text_destroy(char *);

/* FLB_LOG_EVENT_FORMAT_FLUENT_BIT_V2 of flb_log_event.h */
enum { FORMAT_V2 = 4 };

void zl_log(int level, const char *text)
{
	if (flb_log_print)
		flb_log_print(level, NULL, 0, "%s", text);
}

static int refuse(const char *why)
{
	zl_log(ZL_LOG_ERROR, why);
	return -1;
}

/* missing names the first function that the program does not export, or NULL. */
static const char *missing(void)
{
#define NEED(name) if (!name) return "[filter:zimbraloki] cannot start: this Fluent Bit does not export " #name ", which the filter needs"
	NEED(flb_filter_name);
	NEED(flb_filter_get_property);
	NEED(flb_filter_set_context);
	NEED(flb_log_event_encoder_create);
	NEED(flb_log_event_encoder_destroy);
	NEED(flb_log_event_encoder_emit_raw_record);
	NEED(flb_log_event_encoder_claim_internal_buffer_ownership);
	NEED(flb_metrics_fluentbit_add);
	NEED(cmt_create);
	NEED(cmt_destroy);
	NEED(cmt_encode_text_create);
	NEED(cmt_encode_text_destroy);
#undef NEED
	return NULL;
}

/* version writes Fluent Bit's version into text, "" if it does not tell. It is
 * a label of the metric fluentbit_build_info. */
static void version(struct zl_config *config, char *text, size_t size)
{
	static const char label[] = "version=\"";
	struct cmt *cmt = cmt_create();
	char *page = NULL, *at;

	text[0] = '\0';
	if (cmt && flb_metrics_fluentbit_add(config, cmt) == 0)
		page = cmt_encode_text_create(cmt);
	if (page && (at = strstr(page, label))) {
		at += sizeof label - 1;
		size_t n = strcspn(at, "\"");
		if (n < size) {
			memcpy(text, at, n);
			text[n] = '\0';
		}
	}
	if (page)
		cmt_encode_text_destroy(page);
	if (cmt)
		cmt_destroy(cmt);
}

int zl_hand_over(const void *data, size_t size, void **out, size_t *out_size)
{
	struct zl_encoder *e = flb_log_event_encoder_create(FORMAT_V2);
	int done = 0;

	if (!e)
		return 0;
	if (flb_log_event_encoder_emit_raw_record(e, data, size) == 0 && e->buffer && e->size == size) {
		*out = e->buffer;
		*out_size = size;
		flb_log_event_encoder_claim_internal_buffer_ownership(e);
		done = 1;
	}
	flb_log_event_encoder_destroy(e);
	return done;
}

/* encoder_works holds the encoder of the program against what is known of it. */
static int encoder_works(void)
{
	static const char record[] = "\x92\x92\x01\x80\x80";
	struct zl_encoder *e = flb_log_event_encoder_create(FORMAT_V2);
	int works = 0;

	if (!e)
		return 0;
	works = flb_log_event_encoder_emit_raw_record(e, record, sizeof record - 1) == 0 &&
		e->size == sizeof record - 1 && e->buffer && memcmp(e->buffer, record, e->size) == 0;
	flb_log_event_encoder_destroy(e);
	return works;
}

/* pre_run is called before init. Before 2.2 it would be taken for init: that
 * is why everything that may refuse is here. */
static int pre_run(struct zl_filter_instance *in, struct zl_config *config, void *data)
{
	char text[64];
	const char *why = missing();

	(void)in, (void)data;
	if (zl_forked())
		return refuse("[filter:zimbraloki] cannot start: Fluent Bit forked after it had loaded the filter "
			"(daemon mode: -d, --daemon or daemon on), and Go does not survive a fork: "
			"run Fluent Bit in the foreground under systemd, or (from 4.1) with --supervisor");
	if (why)
		return refuse(why);
	version(config, text, sizeof text);
	if (!zimbralokiFilterKnows(text, (char *)zl_other_copy()))
		return -1;
	if (!encoder_works())
		return refuse("[filter:zimbraloki] cannot start: the log event encoder of this Fluent Bit is not the one that the filter knows");
	return 0;
}

static int init(struct zl_filter_instance *in, struct zl_config *config, void *data)
{
	(void)config, (void)data;
	uintptr_t handle = zimbralokiFilterInit(in, (char *)flb_filter_name(in), in->log_level);
	if (!handle)
		return -1;
	flb_filter_set_context(in, (void *)handle);
	return 0;
}

static int filter(const void *data, size_t size, const char *tag, int tag_size, void **out, size_t *out_size,
	struct zl_filter_instance *in, void *input, void *context, struct zl_config *config)
{
	(void)in, (void)input, (void)config;
	if (!context)
		return ZL_FILTER_NOTOUCH;
	return zimbralokiFilter((uintptr_t)context, (void *)data, size, (char *)tag, tag_size, out, out_size);
}

static int leave(void *context, struct zl_config *config)
{
	(void)config;
	if (context && !zl_forked())
		zimbralokiFilterExit((uintptr_t)context);
	return 0;
}

struct zl_filter_plugin filter_zimbraloki_plugin = {
	.name = "zimbraloki",
	.description = "Fields of Zimbra, mail and container logs in every record",
	.pre_run = pre_run,
	.init = init,
	.filter = filter,
	.exit = leave,
};

/* ---- properties ---- */

/* list finds the properties of a section. That the instance is laid out as
 * declared shows in its pointer to our own plugin; without FLB_REGEX it and what
 * follows stand one pointer earlier. */
static const struct zl_list *list(const struct zl_filter_instance *in)
{
	for (int shift = 0; shift <= 1; shift++) {
		const struct zl_filter_instance *at = (const void *)((const char *)in - shift * sizeof(void *));
		if (at->plugin && at->plugin->name == filter_zimbraloki_plugin.name)
			return &at->properties;
	}
	return NULL;
}

const struct zl_kv *zl_kv_next(const struct zl_filter_instance *in, const struct zl_kv *kv)
{
	const struct zl_list *head = list(in), *at = kv ? kv->head.next : head ? head->next : NULL;

	if (!head || !at || at == head)
		return NULL;
	return (const void *)((const char *)at - offsetof(struct zl_kv, head));
}

const char *zl_property(struct zl_filter_instance *in, const char *key)
{
	return flb_filter_get_property(key, in);
}

/* ---- one Go runtime ---- */

static char other[4096];

static int holds(const struct dl_phdr_info *o, const void *p)
{
	for (int i = 0; i < o->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &o->dlpi_phdr[i];
		uintptr_t start = o->dlpi_addr + h->p_vaddr;
		if (h->p_type == PT_LOAD && (uintptr_t)p >= start && (uintptr_t)p < start + h->p_memsz)
			return 1;
	}
	return 0;
}

static int look(struct dl_phdr_info *o, size_t size, void *arg)
{
	static const char end[] = "zimbraloki.so";
	size_t n = o->dlpi_name ? strlen(o->dlpi_name) : 0;

	(void)size, (void)arg;
	if (n < sizeof end - 1 || strcmp(o->dlpi_name + n - (sizeof end - 1), end) != 0 || holds(o, other))
		return 0;
	strncpy(other, o->dlpi_name, sizeof other - 1);
	return 1;
}

const char *zl_other_copy(void)
{
	other[0] = '\0';
	return dl_iterate_phdr(look, NULL) ? other : NULL;
}
