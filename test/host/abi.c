//go:build ignore

/* The plugin interface. Sources, all in Fluent Bit: include/fluent-bit/
 * flb_plugin_proxy.h, flb_api.h; src/flb_plugin_proxy.c, src/proxy/go/go.{h,c}. */
#define _GNU_SOURCE
#include "host.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct config_map;

struct proxy_def {
	int type, proxy, flags;
	char *name, *description;
	int event_type;                 /* from 4.2.3 */
	struct config_map *config_map;  /* from 5.1.1 */
};

enum { PROXY_OUTPUT_PLUGIN = 2, PROXY_GOLANG = 11 };

struct api {
	const char *(*output_get_property)(const char *, struct instance *);
	const char *(*input_get_property)(const char *, void *);
	void *(*output_get_cmt_instance)(struct instance *);
	void *(*input_get_cmt_instance)(void *);
	void (*log_print)(int, const char *, int, const char *, ...);
	int (*input_log_check)(void *, int);
	int (*output_log_check)(struct instance *, int);
	const char *(*custom_get_property)(const char *, void *); /* from 4.1 */
	int (*custom_log_check)(void *, int);
};

struct proxy_context {
	void *remote_context; /* the plugin's own */
	struct plugin *proxy;
};

struct go_output {
	char *name;
	struct api *api;
	struct instance *o_ins;
	struct proxy_context *context;
	int (*cb_init)(struct go_output *);
	int (*cb_flush)(const void *, size_t, const char *);
	int (*cb_flush_ctx)(void *, const void *, size_t, char *);
	int (*cb_exit)(void);
	int (*cb_exit_ctx)(void *);
};

struct plugin {
	void *dso;
	enum abi abi;
	struct proxy_def *def;
	struct api *api;
	struct go_output *go; /* one for all instances: every init overwrites it */
};

struct kv {
	char *key, *value;
	struct kv *next;
};

struct instance {
	struct plugin *plugin;
	int number;
	struct kv *kvs;
	struct proxy_context *context;
};

/* ---- memory that ends at a page nobody may touch ---- */

static size_t pages(size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	return (size + page - 1) / page * page;
}

/* 0xa5 is what malloc would leave. */
void *guarded(size_t size, bool zero)
{
	size_t page = sysconf(_SC_PAGESIZE), n = pages(size);
	uint8_t *p = mmap(NULL, n + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + n, page, PROT_NONE) != 0)
		die("out of memory");
	if (!zero)
		memset(p, 0xa5, n);
	return p + n - size;
}

void guarded_free(void *p, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE), n = pages(size);

	munmap((uint8_t *)p + size - n, n + page);
}

/* ghosts are chunks whose flush has returned: their memory is given back, but
 * the addresses stay forbidden for a while. */
static struct { void *at; size_t size; } ghosts[256];
static unsigned next_ghost;
static pthread_mutex_t ghost_lock = PTHREAD_MUTEX_INITIALIZER;

void forbid(void *p, size_t size)
{
	size_t n = pages(size) + sysconf(_SC_PAGESIZE);
	uint8_t *start = (uint8_t *)p + size - pages(size);

	if (mmap(start, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		die("mmap");
	pthread_mutex_lock(&ghost_lock);
	unsigned i = next_ghost++ % (sizeof ghosts / sizeof *ghosts);
	void *old = ghosts[i].at;
	size_t old_size = ghosts[i].size;
	ghosts[i].at = start;
	ghosts[i].size = n;
	pthread_mutex_unlock(&ghost_lock);
	if (old)
		munmap(old, old_size);
}

/* ---- what the plugin may call ---- */

/* reserved says whether Fluent Bit keeps a property for itself
 * (src/flb_output.c, flb_output_set_property). */
static bool reserved(const char *key)
{
	static const char *const names[] = {
		"match", "match_regex", "alias", "log_level", "log_suppress_interval", "host", "port", "ipv6",
		"retry_limit", "workers", "storage.total_limit_size", "tls", NULL,
	};
	static const char *const prefixes[] = { "net.", "oauth2", "_debug.http.", "tls.", NULL };

	for (int i = 0; names[i]; i++)
		if (strcasecmp(key, names[i]) == 0)
			return true;
	for (int i = 0; prefixes[i]; i++)
		if (strncasecmp(key, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static const char *output_get_property(const char *key, struct instance *in)
{
	for (struct kv *kv = in->kvs; kv; kv = kv->next)
		if (strcasecmp(kv->key, key) == 0)
			return kv->value;
	return NULL;
}

static void log_print(int level, const char *file, int line, const char *format, ...)
{
	static const char *const words[] = { "off", "error", "warn", "info", "debug", "trace" };
	char text[4096], stamp[32];
	time_t t = time(NULL);
	struct tm tm;
	va_list args;

	(void)file, (void)line;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	strftime(stamp, sizeof stamp, "%Y/%m/%d %H:%M:%S", localtime_r(&t, &tm));
	fprintf(stderr, "[%s] [%5s] %s\n", stamp, words[level > 5 || level < 0 ? 0 : level], text);
}

static void *no_cmt(struct instance *in) { (void)in; return NULL; }
static int log_check(struct instance *in, int level) { (void)in; return level <= 3; }

/* ---- the plugin ---- */

static size_t def_size(enum abi abi)
{
	switch (abi) {
	case ABI_3_2: return offsetof(struct proxy_def, event_type);
	case ABI_4_2: return offsetof(struct proxy_def, config_map);
	default:      return sizeof(struct proxy_def);
	}
}

static size_t api_size(enum abi abi)
{
	return abi == ABI_3_2 ? offsetof(struct api, custom_get_property) : sizeof(struct api);
}

struct plugin *plugin_load(const char *so, enum abi abi)
{
	struct plugin *p = must(calloc(1, sizeof *p));
	struct api api = {
		.output_get_property = output_get_property, .output_get_cmt_instance = no_cmt,
		.log_print = log_print, .output_log_check = log_check,
	};

	p->abi = abi;
	p->dso = dlopen(so, RTLD_LAZY);
	if (!p->dso)
		die("%s", dlerror());
	/* calloc since 4.2.3, malloc before: a field that the plugin does not set holds anything */
	p->def = guarded(def_size(abi), abi != ABI_3_2);
	p->def->type = PROXY_OUTPUT_PLUGIN;
	p->api = guarded(api_size(abi), true);
	memcpy(p->api, &api, api_size(abi));
	return p;
}

/* symbol stores the address of a function that the plugin exports, or NULL. */
static void symbol(struct plugin *p, const char *name, void *pointer)
{
	void *s = dlsym(p->dso, name);
	memcpy(pointer, &s, sizeof s);
}

bool plugin_register(struct plugin *p, bool hot_reload)
{
	int (*pre)(int), (*reg)(struct proxy_def *);
	struct go_output *go = p->go = guarded(sizeof *go, false);

	symbol(p, "FLBPluginPreRegister", &pre);
	if (pre && pre(hot_reload) == -1)
		return false;
	symbol(p, "FLBPluginRegister", &reg);
	if (!reg || reg(p->def) == -1 || p->def->proxy != PROXY_GOLANG || p->def->type != PROXY_OUTPUT_PLUGIN)
		return false;
	if (p->def->flags != 0 || (p->abi != ABI_3_2 && p->def->event_type != 0))
		return false; /* other than logs, which nothing here brings */
	symbol(p, "FLBPluginInit", &go->cb_init);
	symbol(p, "FLBPluginFlush", &go->cb_flush);
	symbol(p, "FLBPluginFlushCtx", &go->cb_flush_ctx);
	symbol(p, "FLBPluginExit", &go->cb_exit);
	symbol(p, "FLBPluginExitCtx", &go->cb_exit_ctx);
	go->name = must(strdup(p->def->name));
	return go->cb_init && (go->cb_flush || go->cb_flush_ctx);
}

void plugin_unregister(struct plugin *p)
{
	void (*unregister)(struct proxy_def *);

	symbol(p, "FLBPluginUnregister", &unregister);
	if (unregister)
		unregister(p->def);
	free(p->go->name);
	guarded_free(p->go, sizeof *p->go);
	guarded_free(p->def, def_size(p->abi));
	guarded_free(p->api, api_size(p->abi));
	dlclose(p->dso);
	free(p);
}


/* ---- an instance ---- */

struct instance *instance_new(struct plugin *p, int number)
{
	struct instance *in = must(calloc(1, sizeof *in));

	in->plugin = p;
	in->number = number;
	in->context = guarded(sizeof *in->context, true);
	in->context->proxy = p;
	return in;
}

int instance_number(const struct instance *in) { return in->number; }

void instance_set(struct instance *in, const char *key, const char *value)
{
	struct kv **at = &in->kvs;

	if (reserved(key))
		return;
	while (*at)
		at = &(*at)->next;
	*at = must(calloc(1, sizeof **at));
	(*at)->key = must(strdup(key));
	(*at)->value = *value ? must(strdup(value)) : NULL; /* Fluent Bit: an empty value is none */
}

int instance_init(struct instance *in)
{
	struct go_output *go = in->plugin->go;

	go->api = in->plugin->api;
	go->o_ins = in;
	go->context = in->context;
	int code = go->cb_init(go);
	/* nothing of it may be kept: the next init overwrites it */
	go->api = NULL;
	go->o_ins = NULL;
	go->context = NULL;
	return code;
}

struct flush_call {
	struct instance *in;
	const void *data;
	size_t size;
	char *tag;
};

static int flush_call(void *arg)
{
	struct flush_call *f = arg;
	struct go_output *go = f->in->plugin->go;

	if (go->cb_flush_ctx)
		return go->cb_flush_ctx(f->in->context->remote_context, f->data, f->size, f->tag);
	return go->cb_flush(f->data, f->size, f->tag);
}

int instance_flush(struct instance *in, const struct chunk *c, size_t stack)
{
	uint8_t *data = guarded(c->data.len, true);
	size_t tag_size = strlen(c->tag) + 1;
	struct flush_call f = { in, data, c->data.len, must(malloc(tag_size)) };

	memcpy(data, c->data.p, c->data.len);
	memcpy(f.tag, c->tag, tag_size);
	int code = coro_run(stack, flush_call, &f);
	if (memcmp(data, c->data.p, c->data.len) != 0 || memcmp(f.tag, c->tag, tag_size) != 0)
		die("the plugin wrote into chunk %s", c->id);
	memset(f.tag, 0xdd, tag_size);
	free(f.tag);
	forbid(data, c->data.len);
	return code == FLB_OK || code == FLB_RETRY ? code : FLB_ERROR;
}

/* instance_exit is called for every instance, also for one that never started. */
void instance_exit(struct instance *in)
{
	struct go_output *go = in->plugin->go;
	void (*pre_exit)(int);

	symbol(in->plugin, "FLBPluginOutputPreExit", &pre_exit);
	if (pre_exit)
		pre_exit(0);
	if (go->cb_exit_ctx)
		go->cb_exit_ctx(in->context->remote_context);
	else if (go->cb_exit)
		go->cb_exit();
}

void instance_free(struct instance *in)
{
	for (struct kv *kv = in->kvs, *next; kv; kv = next) {
		next = kv->next;
		free(kv->key);
		free(kv->value);
		free(kv);
	}
	guarded_free(in->context, sizeof *in->context);
	free(in);
}
