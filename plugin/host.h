/*
 * What FLBPluginInit is given, cut down to what is used here (Fluent Bit
 * src/proxy/go/go.h, include/fluent-bit/flb_api.h; the order has not changed
 * since 2.0). There is one such struct for all instances of the shared object:
 * it is overwritten by the next init, so nothing of it is kept.
 */
#ifndef ZIMBRALOKI_HOST_H
#define ZIMBRALOKI_HOST_H

/* FLB_LOG_ERROR of include/fluent-bit/flb_log.h */
#define ZL_LOG_ERROR 1

struct zl_context {
	void *remote_context; /* comes back with every flush, and at exit */
};

struct zl_api {
	void *output_get_property, *input_get_property;
	void *output_get_cmt_instance, *input_get_cmt_instance;
	void (*log_print)(int level, const char *file, int line, const char *format, ...);
};

struct zl_plugin {
	char *name;
	struct zl_api *api;
	void *o_ins;
	struct zl_context *context;
};

#endif
