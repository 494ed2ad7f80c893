// A long request: what the kernel gives is a key, and AES-256-CTR of the OpenSSL that asks makes it longer. The kernel
// does the same for a long getrandom(2), with ChaCha20: a key for this request alone (drivers/char/random.c).
//
// OpenSSL hands its provider nothing to encrypt with. But what it has handed lies in its own code, wherever that is: in
// a library, or in a program that is built with it. There, and nowhere else, its functions are looked for by name. A
// program that exports none of them has none to give.
#ifndef SYSGENID_EXPANSION_H
#define SYSGENID_EXPANSION_H

#include <dlfcn.h>
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/auxv.h>

enum { BLOCK = 16, KEY = 32, SEED = KEY + BLOCK, PIECE = 1 << 16 };

struct expansion {
    const OSSL_CORE_HANDLE *core;
    OSSL_LIB_CTX *library;
    OSSL_FUNC_core_set_error_mark_fn *set_error_mark;
    OSSL_FUNC_core_pop_error_to_mark_fn *pop_error_to_mark;
    // EVP_EncryptInit(3). NULL where there are none.
    __typeof__(EVP_CIPHER_fetch) *fetch;
    __typeof__(EVP_CIPHER_free) *release;
    __typeof__(EVP_CIPHER_CTX_new) *make;
    __typeof__(EVP_CIPHER_CTX_free) *drop;
    __typeof__(EVP_EncryptInit_ex2) *begin;
    __typeof__(EVP_EncryptUpdate) *encrypt;
};

// ---- OpenSSL's functions ----

// The name of the file whose code or data this is; NULL for the program.
static int find_object(const void *address, Dl_info *object) {
    Dl_info program;
    if (dladdr(address, object) == 0 || dladdr((const void *)getauxval(AT_PHDR), &program) == 0)
        return 0;
    if (object->dli_fbase == program.dli_fbase)
        object->dli_fname = NULL;
    return 1;
}

// Another OpenSSL in the same process may have the name as well.
static int find_function(void *handle, const Dl_info *object, const char *name, void *place) {
    Dl_info found;
    void *function = dlsym(handle, name);
    if (!function || dladdr(function, &found) == 0 || found.dli_fbase != object->dli_fbase)
        return 0;
    memcpy(place, &function, sizeof function);
    return 1;
}

// The context of the core is one of the library's, since the functions are that library's as well.
static void find_expansion(struct expansion *expansion, const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in) {
    struct expansion found = {.core = core};
    Dl_info object;
    if (!find_object((const void *)in->function, &object))
        return;
    for (; in->function_id != 0; in++)
        if (in->function_id == OSSL_FUNC_CORE_GET_LIBCTX)
            found.library = (OSSL_LIB_CTX *)OSSL_FUNC_core_get_libctx(in)(core);
        else if (in->function_id == OSSL_FUNC_CORE_SET_ERROR_MARK)
            found.set_error_mark = OSSL_FUNC_core_set_error_mark(in);
        else if (in->function_id == OSSL_FUNC_CORE_POP_ERROR_TO_MARK)
            found.pop_error_to_mark = OSSL_FUNC_core_pop_error_to_mark(in);
    void *handle = dlopen(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        return;
    if (found.set_error_mark && found.pop_error_to_mark
        && find_function(handle, &object, "EVP_CIPHER_fetch", &found.fetch)
        && find_function(handle, &object, "EVP_CIPHER_free", &found.release)
        && find_function(handle, &object, "EVP_CIPHER_CTX_new", &found.make)
        && find_function(handle, &object, "EVP_CIPHER_CTX_free", &found.drop)
        && find_function(handle, &object, "EVP_EncryptInit_ex2", &found.begin)
        && find_function(handle, &object, "EVP_EncryptUpdate", &found.encrypt))
        *expansion = found;
    // It stays loaded for as long as it calls.
    dlclose(handle);
}

// ---- The cipher ----

// Of OpenSSL's own provider: no other one, as that of a token, is given the key. It is looked for when it is needed:
// while this provider starts, that one need not have. The context holds on to it. NULL where there is none, as with
// FIPS; a request that is served otherwise leaves no error behind.
static EVP_CIPHER_CTX *make_expander(const struct expansion *expansion) {
    static const unsigned char zeros[SEED];
    if (!expansion->fetch)
        return NULL;
    expansion->set_error_mark(expansion->core);
    EVP_CIPHER *cipher = expansion->fetch(expansion->library, "AES-256-CTR", "provider=default");
    EVP_CIPHER_CTX *expander = cipher ? expansion->make() : NULL;
    if (expander && expansion->begin(expander, cipher, zeros, zeros + KEY, NULL) != 1) {
        expansion->drop(expander);
        expander = NULL;
    }
    expansion->release(cipher);
    expansion->pop_error_to_mark(expansion->core);
    return expander;
}

// In pieces that an int can say, and that are in the cache still where they have just been made zero.
static int encrypt_zeros(
    const struct expansion *expansion, EVP_CIPHER_CTX *expander, unsigned char *bytes, size_t size) {
    while (size > 0) {
        int piece = size < PIECE ? (int)size : PIECE, count = 0;
        memset(bytes, 0, (size_t)piece);
        if (expansion->encrypt(expander, bytes, &count, bytes, piece) != 1 || count != piece)
            return 0;
        bytes += piece;
        size -= (size_t)piece;
    }
    return 1;
}

// Whole blocks, of which the context keeps nothing. Another key takes the place of this one at once.
static int expand(
    const struct expansion *expansion, EVP_CIPHER_CTX *expander, const unsigned char *seed, unsigned char *out,
    size_t size) {
    static const unsigned char zeros[SEED];
    unsigned char last[BLOCK];
    size_t rest = size % BLOCK;
    int is_done = expansion->begin(expander, NULL, seed, seed + KEY, NULL) == 1
                  && encrypt_zeros(expansion, expander, out, size - rest);
    if (is_done && rest > 0) {
        is_done = encrypt_zeros(expansion, expander, last, BLOCK);
        memcpy(out + size - rest, last, rest);
        explicit_bzero(last, sizeof last);
    }
    return expansion->begin(expander, NULL, zeros, zeros + KEY, NULL) == 1 && is_done;
}

#endif
