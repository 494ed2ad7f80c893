// A provider for OpenSSL 3, provider(7): its random generator gives bytes of the kernel's, so that two clones of a
// system never draw the same. A system call for each request would be slow, so each context keeps some in a buffer, and
// throws them away when the generation is another one, before or after they were copied.
//
// A buffer belongs to a context, and OpenSSL has one of these for each thread. A context that threads share keeps
// nothing and so has nothing to lock. Nor does one keep anything where the page of the generation cannot be mapped, or
// where the kernel cannot wipe a buffer in a child of fork(2).
//
// The core of OpenSSL is spoken to by its dispatch tables alone: nothing is linked, and one library serves each 3.x,
// also one that is built into a program.

#define _GNU_SOURCE
#include "sources.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

enum { BUFFER_SIZE = 4096, KEPT = 1024, LARGEST = 256, STRENGTH = 256, UNINITIALISED = 0, READY = 1 };

// A page of its own. The kernel makes it zero in a child (MADV_WIPEONFORK, Linux 4.14), whatever call has made that and
// whatever its process id is, and zero is an empty buffer.
struct buffer {
    // Set before bytes come, so that a copy of this page in a child is known by its 0 wherever the fork came between.
    volatile uint32_t is_mine;
    volatile uint32_t is_busy;
    volatile uint32_t generation;
    volatile uint32_t second;
    volatile uint32_t left;
    unsigned char bytes[KEPT];
};

struct provider {
    // No page: the word is NULL.
    struct sysgenid_probe probe;
};

struct context {
    const struct provider *provider;
    struct buffer *buffer;
    // No buffer will do: the context is shared, or there can be none.
    int is_bare;
    int state;
};

// ---- The generation ----

static uint32_t generation_of(const struct provider *provider) {
    return provider->probe.word ? sysgenid_probe_load(&provider->probe) : 0;
}

// What is kept is thrown away after a second as well: a process that has rested before a snapshot has nothing then that
// a clone could have, even before it is told, or where no daemon is left that could tell. It takes no system call,
// vdso(7).
static uint32_t current_second(void) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint32_t)now.tv_sec;
}

// ---- The buffer ----

static struct buffer *make_buffer(void) {
    void *page = mmap(NULL, BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, BUFFER_SIZE, MADV_WIPEONFORK) != 0) {
        munmap(page, BUFFER_SIZE);
        return NULL;
    }
    madvise(page, BUFFER_SIZE, MADV_DONTDUMP);
    return page;
}

static void drop_buffer(struct context *context) {
    if (context->buffer) {
        explicit_bzero(context->buffer, sizeof *context->buffer);
        munmap(context->buffer, BUFFER_SIZE);
    }
    context->buffer = NULL;
}

static void empty(struct buffer *buffer) {
    buffer->left = 0;
    buffer->is_mine = 0;
    explicit_bzero(buffer->bytes, sizeof buffer->bytes);
}

static int refill(struct buffer *buffer, uint32_t generation, uint32_t second) {
    empty(buffer);
    buffer->is_mine = 1;
    buffer->generation = generation;
    buffer->second = second;
    atomic_signal_fence(memory_order_seq_cst);
    if (!draw(buffer->bytes, KEPT))
        return 0;
    atomic_signal_fence(memory_order_seq_cst);
    buffer->left = KEPT;
    return 1;
}

// Takes bytes from the end of the buffer, where nothing is left of them. A change that came meanwhile may have been
// that of a clone, which has copied the same ones: they are taken again. The same in a child that a signal handler has
// made.
static int take(const struct context *context, unsigned char *out, size_t size) {
    struct buffer *buffer = context->buffer;
    for (;;) {
        uint32_t generation = generation_of(context->provider), second = current_second(), left = buffer->left;
        if (buffer->generation != generation || buffer->second != second || left < size) {
            if (!refill(buffer, generation, second))
                return 0;
            left = KEPT;
        }
        left -= (uint32_t)size;
        buffer->left = left;
        atomic_signal_fence(memory_order_seq_cst);
        memcpy(out, buffer->bytes + left, size);
        explicit_bzero(buffer->bytes + left, size);
        atomic_signal_fence(memory_order_seq_cst);
        if (buffer->is_mine && generation_of(context->provider) == generation)
            return 1;
        buffer->left = 0;
    }
}

// Straight from the kernel. What it gave before a change, a clone may have got as well.
static int take_unbuffered(const struct context *context, unsigned char *out, size_t size) {
    uint32_t generation;
    do {
        generation = generation_of(context->provider);
        if (!draw(out, size))
            return 0;
    } while (generation_of(context->provider) != generation);
    return 1;
}

// Makes the buffer where there is none yet. A large request would only go through it.
static struct buffer *buffer_for(struct context *context, size_t size) {
    if (size > LARGEST || context->is_bare || !context->provider->probe.word)
        return NULL;
    if (!context->buffer)
        context->buffer = make_buffer();
    context->is_bare = !context->buffer;
    return context->buffer;
}

// ---- The generator, provider-rand(7) ----

static void *newctx(void *provctx, void *parent, const OSSL_DISPATCH *parent_calls) {
    (void)parent, (void)parent_calls;
    struct context *context = calloc(1, sizeof *context);
    if (context)
        context->provider = provctx;
    return context;
}

static void freectx(void *ctx) {
    if (ctx)
        drop_buffer(ctx);
    free(ctx);
}

static int instantiate(
    void *ctx, unsigned int strength, int prediction_resistance, const unsigned char *text, size_t text_size,
    const OSSL_PARAM params[]) {
    (void)prediction_resistance, (void)text, (void)text_size, (void)params;
    struct context *context = ctx;
    context->state = strength <= STRENGTH ? READY : UNINITIALISED;
    return context->state == READY;
}

static int uninstantiate(void *ctx) {
    struct context *context = ctx;
    drop_buffer(context);
    context->state = UNINITIALISED;
    return 1;
}

static int generate(
    void *ctx, unsigned char *out, size_t size, unsigned int strength, int prediction_resistance,
    const unsigned char *input, size_t input_size) {
    (void)input, (void)input_size;
    struct context *context = ctx;
    if (strength > STRENGTH || context->state != READY)
        return 0;
    struct buffer *buffer = prediction_resistance ? NULL : buffer_for(context, size);
    // A signal handler may come between.
    if (!buffer || buffer->is_busy)
        return take_unbuffered(context, out, size);
    buffer->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    int is_done = take(context, out, size);
    atomic_signal_fence(memory_order_seq_cst);
    buffer->is_busy = 0;
    return is_done;
}

// What the caller has to add is left to the kernel's own sources: nothing here could be made worse by its absence.
static int reseed(
    void *ctx, int prediction_resistance, const unsigned char *entropy, size_t entropy_size,
    const unsigned char *input, size_t input_size) {
    (void)prediction_resistance, (void)entropy, (void)entropy_size, (void)input, (void)input_size;
    struct context *context = ctx;
    if (context->buffer && !context->buffer->is_busy)
        empty(context->buffer);
    return context->state == READY;
}

// The seed of a generator that has this one as its parent.
static size_t get_seed(
    void *ctx, unsigned char **out, int entropy, size_t least, size_t most, int prediction_resistance,
    const unsigned char *input, size_t input_size) {
    (void)prediction_resistance, (void)input, (void)input_size;
    size_t size = entropy > 0 ? ((size_t)entropy + 7) / 8 : 0;
    if (size < least)
        size = least;
    if (size == 0 || size > most || !(*out = malloc(size)))
        return 0;
    if (take_unbuffered(ctx, *out, size))
        return size;
    free(*out);
    return 0;
}

static void clear_seed(void *ctx, unsigned char *seed, size_t size) {
    (void)ctx;
    if (seed)
        explicit_bzero(seed, size);
    free(seed);
}

// The context will be used by several threads.
static int enable_locking(void *ctx) {
    struct context *context = ctx;
    drop_buffer(context);
    context->is_bare = 1;
    return 1;
}

// ---- Parameters, OSSL_PARAM(3) ----

static int set_number(OSSL_PARAM *param, uint64_t number) {
    if (param->data_type != OSSL_PARAM_INTEGER && param->data_type != OSSL_PARAM_UNSIGNED_INTEGER)
        return 0;
    uint32_t word = (uint32_t)number;
    size_t size = param->data_size <= sizeof word ? sizeof word : sizeof number;
    param->return_size = size;
    if (!param->data)
        return 1;
    if (param->data_size != size)
        return 0;
    memcpy(param->data, size == sizeof word ? (const void *)&word : &number, size);
    return 1;
}

static int set_text(OSSL_PARAM *param, const char *text) {
    if (param->data_type != OSSL_PARAM_UTF8_PTR)
        return 0;
    param->return_size = strlen(text);
    if (param->data)
        *(const char **)param->data = text;
    return 1;
}

// OpenSSL asks before each request how much it may ask for.
static int get_ctx_params(void *ctx, OSSL_PARAM params[]) {
    const struct context *context = ctx;
    for (; params && params->key; params++) {
        int is_set = 1;
        if (strcmp(params->key, OSSL_RAND_PARAM_MAX_REQUEST) == 0)
            is_set = set_number(params, INT32_MAX);
        else if (strcmp(params->key, OSSL_RAND_PARAM_STATE) == 0)
            is_set = set_number(params, (uint64_t)context->state);
        else if (strcmp(params->key, OSSL_RAND_PARAM_STRENGTH) == 0)
            is_set = set_number(params, STRENGTH);
        if (!is_set)
            return 0;
    }
    return 1;
}

static const OSSL_PARAM *gettable_ctx_params(void *ctx, void *provctx) {
    (void)ctx, (void)provctx;
    static const OSSL_PARAM params[] = {
        {OSSL_RAND_PARAM_STATE, OSSL_PARAM_INTEGER, NULL, sizeof(int), 0},
        {OSSL_RAND_PARAM_STRENGTH, OSSL_PARAM_UNSIGNED_INTEGER, NULL, sizeof(unsigned int), 0},
        {OSSL_RAND_PARAM_MAX_REQUEST, OSSL_PARAM_UNSIGNED_INTEGER, NULL, sizeof(size_t), 0},
        {NULL, 0, NULL, 0, 0},
    };
    return params;
}

static int get_params(void *provctx, OSSL_PARAM params[]) {
    (void)provctx;
    for (; params && params->key; params++) {
        int is_set = 1;
        if (strcmp(params->key, OSSL_PROV_PARAM_NAME) == 0)
            is_set = set_text(params, "Generator of the kernel, renewed with the System Generation ID");
        else if (strcmp(params->key, OSSL_PROV_PARAM_VERSION) == 0)
            is_set = set_text(params, SYSGENID_VERSION);
        else if (strcmp(params->key, OSSL_PROV_PARAM_STATUS) == 0)
            is_set = set_number(params, 1);
        if (!is_set)
            return 0;
    }
    return 1;
}

static const OSSL_PARAM *gettable_params(void *provctx) {
    (void)provctx;
    static const OSSL_PARAM params[] = {
        {OSSL_PROV_PARAM_NAME, OSSL_PARAM_UTF8_PTR, NULL, 0, 0},
        {OSSL_PROV_PARAM_VERSION, OSSL_PARAM_UTF8_PTR, NULL, 0, 0},
        {OSSL_PROV_PARAM_STATUS, OSSL_PARAM_INTEGER, NULL, sizeof(int), 0},
        {NULL, 0, NULL, 0, 0},
    };
    return params;
}

// ---- The provider, provider-base(7) ----

// Also by the name of what it takes the place of: with `properties = ?provider=sysgenid` OpenSSL goes on with its own
// where this library cannot be loaded. With `random = SYSGENID` it would have none then.
static const OSSL_ALGORITHM *query(void *provctx, int operation, int *no_cache) {
    (void)provctx;
    static const OSSL_DISPATCH calls[] = {
        {OSSL_FUNC_RAND_NEWCTX, (void (*)(void))newctx},
        {OSSL_FUNC_RAND_FREECTX, (void (*)(void))freectx},
        {OSSL_FUNC_RAND_INSTANTIATE, (void (*)(void))instantiate},
        {OSSL_FUNC_RAND_UNINSTANTIATE, (void (*)(void))uninstantiate},
        {OSSL_FUNC_RAND_GENERATE, (void (*)(void))generate},
        {OSSL_FUNC_RAND_RESEED, (void (*)(void))reseed},
        {OSSL_FUNC_RAND_ENABLE_LOCKING, (void (*)(void))enable_locking},
        {OSSL_FUNC_RAND_GET_SEED, (void (*)(void))get_seed},
        {OSSL_FUNC_RAND_CLEAR_SEED, (void (*)(void))clear_seed},
        {OSSL_FUNC_RAND_GET_CTX_PARAMS, (void (*)(void))get_ctx_params},
        {OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params},
        {0, NULL},
    };
    static const OSSL_ALGORITHM generators[] = {
        {"SYSGENID", "provider=sysgenid", calls, "bytes of the kernel's generator"},
        {"CTR-DRBG", "provider=sysgenid", calls, "bytes of the kernel's generator"},
        {NULL, NULL, NULL, NULL},
    };
    *no_cache = 0;
    return operation == OSSL_OP_RAND ? generators : NULL;
}

static void teardown(void *provctx) {
    struct provider *provider = provctx;
    if (provider->probe.word)
        sysgenid_probe_close(&provider->probe);
    free(provider);
}

// What the section of the provider in openssl.cnf says. Other keys there are the core's.
static void read_section(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in, char **device, char **runtime_dir) {
    OSSL_PARAM params[] = {
        {"device", OSSL_PARAM_UTF8_PTR, device, sizeof *device, 0},
        {"runtime_dir", OSSL_PARAM_UTF8_PTR, runtime_dir, sizeof *runtime_dir, 0},
        {NULL, 0, NULL, 0, 0},
    };
    for (; in->function_id != 0; in++)
        if (in->function_id == OSSL_FUNC_CORE_GET_PARAMS)
            OSSL_FUNC_core_get_params(in)(core, params);
}

__attribute__((visibility("default"))) int OSSL_provider_init(
    const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **provctx) {
    static const OSSL_DISPATCH calls[] = {
        {OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown},
        {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable_params},
        {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params},
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {0, NULL},
    };
    char *device = NULL, *runtime_dir = NULL;
    struct provider *provider = calloc(1, sizeof *provider);
    if (!provider)
        return 0;
    read_section(core, in, &device, &runtime_dir);
    find_page(&provider->probe, device, runtime_dir);
    *provctx = provider;
    *out = calls;
    return 1;
}
