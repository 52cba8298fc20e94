/*
 * An old floor for glibc, so that one shared object loads on every
 * distribution that Fluent Bit has packages for.
 *
 * glibc 2.32 and 2.34 gave these functions a new version when they moved from
 * libpthread and libresolv into libc; nothing else about them changed. A linker
 * takes the newest version, and the shared object would not load before 2.34.
 * So the linker sends every call of them (--wrap, in main.go) to a function here,
 * which calls the version that every glibc has. An old glibc finds it in
 * libpthread and libresolv, which are therefore named there too; a new one has
 * empty libraries of these names.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>

#if defined(__GLIBC__) && defined(__x86_64__)
#define FLOOR "GLIBC_2.2.5"
#elif defined(__GLIBC__) && defined(__aarch64__)
#define FLOOR "GLIBC_2.17"
#endif

#ifdef FLOOR
#define OLD(name, symbol, params, args)                             \
	extern int old_##name params;                               \
	__asm__(".symver old_" #name "," #symbol "@" FLOOR);        \
	int __wrap_##name params { return old_##name args; }

OLD(pthread_create, pthread_create,
	(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *x), (t, a, f, x))
OLD(pthread_getattr_np, pthread_getattr_np, (pthread_t t, pthread_attr_t *a), (t, a))
OLD(pthread_attr_getstack, pthread_attr_getstack, (const pthread_attr_t *a, void **p, size_t *n), (a, p, n))
OLD(pthread_attr_getstacksize, pthread_attr_getstacksize, (const pthread_attr_t *a, size_t *n), (a, n))
OLD(pthread_key_create, pthread_key_create, (pthread_key_t *k, void (*f)(void *)), (k, f))
OLD(pthread_setspecific, pthread_setspecific, (pthread_key_t k, const void *p), (k, p))
OLD(pthread_sigmask, pthread_sigmask, (int how, const sigset_t *s, sigset_t *o), (how, s, o))
/* resolv.h called res_search this until it moved. */
OLD(res_search, __res_search,
	(const char *name, int class, int type, unsigned char *answer, int n), (name, class, type, answer, n))
#endif
