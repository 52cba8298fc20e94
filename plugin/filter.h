/*
 * What Fluent Bit's native filters are made of, as far as it is used here.
 *
 * Fluent Bit loads a shared object whose name begins with "flb-" as a native
 * plugin: from flb-filter_zimbraloki.so it copies the data symbol
 * filter_zimbraloki_plugin (src/flb_plugin.c). The declarations were written
 * after these headers of Fluent Bit, whose structs are the same in every release
 * from 3.2.0 to 5.1.1:
 *
 *   include/fluent-bit/flb_filter.h             struct flb_filter_plugin, flb_filter_instance
 *   include/fluent-bit/flb_kv.h                 struct flb_kv
 *   include/fluent-bit/flb_log_event_encoder.h  the first fields of struct flb_log_event_encoder
 *   lib/monkey/include/monkey/mk_core/mk_list.h struct mk_list
 *
 * The numbers in the assertions are what offsetof gives there on amd64 and arm64.
 */
#ifndef ZIMBRALOKI_FILTER_H
#define ZIMBRALOKI_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "host.h"

/* What a filter answers (flb_filter.h). */
enum { ZL_FILTER_MODIFIED = 1, ZL_FILTER_NOTOUCH = 2 };

struct zl_list {
	struct zl_list *prev, *next;
};

/* A property as written: flb_kv. */
struct zl_kv {
	const char *key, *value;
	struct zl_list head;
};

struct zl_config;
struct zl_filter_instance;

struct zl_filter_plugin {
	int event_type; /* 0 stands for logs; before 3.2 there is nothing here */
	int flags;
	const char *name, *description;
	void *config_map;
	int (*pre_run)(struct zl_filter_instance *, struct zl_config *, void *);
	int (*init)(struct zl_filter_instance *, struct zl_config *, void *);
	int (*filter)(const void *data, size_t size, const char *tag, int tag_size, void **out, size_t *out_size,
		struct zl_filter_instance *, void *input, void *context, struct zl_config *);
	int (*exit)(void *context, struct zl_config *);
	void *notification;
	struct zl_list head;
};

struct zl_filter_instance {
	int event_type, id, log_level, log_suppress_interval;
	char name[32];
	char *alias, *match;
	void *match_regex; /* only if Fluent Bit was built with FLB_REGEX, as it is by default */
	void *parent_processor, *context, *data;
	struct zl_filter_plugin *plugin;
	struct zl_list properties;
};

struct zl_encoder {
	int dynamically_allocated;
	char *buffer;
	size_t size;
};

#define ZL_AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member " is not where Fluent Bit has it")

ZL_AT(zl_kv, head, 16);
ZL_AT(zl_filter_plugin, name, 8);
ZL_AT(zl_filter_plugin, config_map, 24);
ZL_AT(zl_filter_plugin, pre_run, 32);
ZL_AT(zl_filter_plugin, filter, 48);
ZL_AT(zl_filter_plugin, notification, 64);
ZL_AT(zl_filter_plugin, head, 72);
_Static_assert(sizeof(struct zl_filter_plugin) == 88, "struct flb_filter_plugin has 88 bytes");
ZL_AT(zl_filter_instance, name, 16);
ZL_AT(zl_filter_instance, match_regex, 64);
ZL_AT(zl_filter_instance, plugin, 96);
ZL_AT(zl_filter_instance, properties, 104);
ZL_AT(zl_encoder, buffer, 8);
ZL_AT(zl_encoder, size, 16);

/* zl_hand_over copies the answer into memory that Fluent Bit frees; 0 if there
 * is none. */
int zl_hand_over(const void *data, size_t size, void **out, size_t *out_size);

/* zl_log prints a line through Fluent Bit's log. */
void zl_log(int level, const char *text);

/* zl_properties hands on each property of a section; zl_kv_next the one after
 * kv, or the first one; NULL at the end. */
const struct zl_kv *zl_kv_next(const struct zl_filter_instance *in, const struct zl_kv *kv);

/* zl_property returns the value of a property, NULL if it is not set. */
const char *zl_property(struct zl_filter_instance *in, const char *key);

/* Files of this plugin that are in the process beside this one, or NULL. */
const char *zl_other_copy(void);

int zl_forked(void);

#endif
