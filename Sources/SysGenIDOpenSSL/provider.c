// A provider for OpenSSL 3, provider(7): its random generator gives bytes of the kernel's, so that two clones of a
// system never draw the same. A system call for each request would be slow, so each context keeps some in a buffer, and
// throws them away when the generation is another one, before or after they were copied. A long request takes a key of
// them, for itself alone, and OpenSSL's own AES makes that longer than the kernel could in that time: expansion.h.
//
// A buffer belongs to a context, and OpenSSL has one of these for each thread. A context that threads share keeps
// nothing and so has nothing to lock. Nor does one keep anything where the page of the generation cannot be mapped, or
// where the kernel cannot wipe a buffer in a child of fork(2).
//
// The core of OpenSSL is spoken to by its dispatch tables alone: nothing is linked, and one library serves each 3.x,
// also one that is built into a program.

#define _GNU_SOURCE
#include "expansion.h"
#include "parameters.h"
#include "sources.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { BUFFER_SIZE = 4096, KEPT = 1024, LARGEST = 128, STRENGTH = 256, UNINITIALISED = 0, READY = 1 };

// A page of its own. The kernel makes it zero in a child (MADV_WIPEONFORK, Linux 4.14), whatever call has made that and
// whatever its process id is, and zero is an empty buffer.
struct buffer {
    // While a request is served. So a copy of this page in a child is known by its 0, wherever the fork came between, and
    // also where the child has drawn since.
    volatile uint32_t is_busy;
    volatile uint32_t generation;
    volatile uint32_t second;
    volatile uint32_t left;
    unsigned char bytes[KEPT];
};

struct provider {
    // No page: the word is NULL.
    struct sysgenid_probe probe;
    struct expansion expansion;
};

struct context {
    const struct provider *provider;
    struct buffer *buffer;
    // For long requests, from the first of them on. Beside a buffer only.
    EVP_CIPHER_CTX *expander;
    // No buffer will do: the context is shared, or there can be none.
    int is_bare;
    int has_no_cipher;
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

static void drop_expander(struct context *context) {
    if (context->expander)
        context->provider->expansion.drop(context->expander);
    context->expander = NULL;
}

static void drop_buffer(struct context *context) {
    drop_expander(context);
    if (context->buffer) {
        explicit_bzero(context->buffer, sizeof *context->buffer);
        munmap(context->buffer, BUFFER_SIZE);
    }
    context->buffer = NULL;
}

static void empty(struct buffer *buffer) {
    buffer->left = 0;
    explicit_bzero(buffer->bytes, sizeof buffer->bytes);
}

static int refill(struct buffer *buffer, uint32_t generation, uint32_t second) {
    empty(buffer);
    buffer->generation = generation;
    buffer->second = second;
    atomic_signal_fence(memory_order_seq_cst);
    if (!draw(buffer->bytes, KEPT))
        return 0;
    atomic_signal_fence(memory_order_seq_cst);
    buffer->left = KEPT;
    return 1;
}

// Whether nobody else has what has been taken since this was the generation. A change that came meanwhile may have been
// that of a clone, which has copied the same, and a page that is no longer busy is that of a child, which a signal
// handler has made: then it is taken again.
static int is_ours(const struct context *context, uint32_t generation) {
    return context->buffer->is_busy && generation_of(context->provider) == generation;
}

// Takes bytes from the end of the buffer, where nothing is left of them.
static int take(const struct context *context, unsigned char *out, size_t size) {
    struct buffer *buffer = context->buffer;
    for (;;) {
        // Anew in a child.
        buffer->is_busy = 1;
        atomic_signal_fence(memory_order_seq_cst);
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
        if (is_ours(context, generation))
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

// Takes a key, and expands it. Where somebody else may have the key, another one: none is used twice.
static int take_expanded(struct context *context, unsigned char *out, size_t size) {
    const struct expansion *expansion = &context->provider->expansion;
    if (!context->expander && !context->has_no_cipher)
        context->has_no_cipher = !(context->expander = make_expander(expansion));
    if (!context->expander)
        return 0;
    uint32_t generation;
    int is_done;
    do {
        unsigned char seed[SEED];
        generation = generation_of(context->provider);
        is_done = take(context, seed, sizeof seed) && expand(expansion, context->expander, seed, out, size);
        explicit_bzero(seed, sizeof seed);
    } while (is_done && !is_ours(context, generation));
    if (!is_done) {
        drop_expander(context);
        context->has_no_cipher = 1;
    }
    return is_done;
}

// Makes the buffer where there is none yet.
static struct buffer *buffer_for(struct context *context) {
    if (context->is_bare || !context->provider->probe.word)
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
    struct buffer *buffer = prediction_resistance ? NULL : buffer_for(context);
    // A signal handler may come between.
    if (!buffer || buffer->is_busy)
        return take_unbuffered(context, out, size);
    buffer->is_busy = 1;
    atomic_signal_fence(memory_order_seq_cst);
    int is_done = size <= LARGEST ? take(context, out, size)
                                  : take_expanded(context, out, size) || take_unbuffered(context, out, size);
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
    find_expansion(&provider->expansion, core, in);
    *provctx = provider;
    *out = calls;
    return 1;
}
