// The libraries of which the client draws. Their headers are not needed for so little.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 16 };

static void *library;
static int kind;

static void fail(const char *what) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static void *function(const char *name) {
    void *found = dlsym(library, name);
    if (!found)
        fail(name);
    return found;
}

#define CALL(result, name, ...) ((result(*)())function(#name))(__VA_ARGS__)
#define EXPECT(name, ...) (CALL(int, name, __VA_ARGS__) == 0 ? (void)0 : fail(#name))

static void begin_gcrypt(void) {
    // GCRYCTL_DISABLE_HWF: some processors have a generator, of which it mixes bytes in.
    CALL(int, gcry_control, 63, "intel-rdrand", NULL);
    CALL(char *, gcry_check_version, NULL);
    // GCRYCTL_DISABLE_SECMEM, GCRYCTL_INITIALIZATION_FINISHED
    EXPECT(gcry_control, 37, 0);
    EXPECT(gcry_control, 38, 0);
}

static void draw_of_gnutls(unsigned char *out) {
    void *key = NULL;
    size_t size = 20;
    unsigned char identifier[20];
    if (kind < 3) {
        // GNUTLS_RND_NONCE, _RANDOM, _KEY
        EXPECT(gnutls_rnd, kind, out, (size_t)SIZE);
        return;
    }
    EXPECT(gnutls_x509_privkey_init, &key);
    // GNUTLS_PK_ECDSA, and GNUTLS_ECC_CURVE_SECP256R1 as a number of bits.
    EXPECT(gnutls_x509_privkey_generate, key, 4, 0x80000002u, 0);
    EXPECT(gnutls_x509_privkey_get_key_id, key, 0, identifier, &size);
    CALL(void, gnutls_x509_privkey_deinit, key);
    memcpy(out, identifier, SIZE);
}

static void draw_of_gcrypt(unsigned char *out) {
    void *parameters, *key;
    size_t size;
    if (kind == 0) {
        CALL(void, gcry_create_nonce, out, (size_t)SIZE);
    } else if (kind < 3) {
        // GCRY_STRONG_RANDOM, GCRY_VERY_STRONG_RANDOM
        CALL(void, gcry_randomize, out, (size_t)SIZE, kind);
    } else {
        EXPECT(gcry_sexp_build, &parameters, NULL, "(genkey (ecc (curve Ed25519)))");
        EXPECT(gcry_pk_genkey, &key, parameters);
        void *secret = CALL(void *, gcry_sexp_find_token, key, "d", (size_t)1);
        const char *bytes = CALL(const char *, gcry_sexp_nth_data, secret, 1, &size);
        if (!bytes || size < SIZE)
            fail("gcry_sexp_nth_data");
        memcpy(out, bytes, SIZE);
        CALL(void, gcry_sexp_release, parameters);
        CALL(void, gcry_sexp_release, key);
        CALL(void, gcry_sexp_release, secret);
    }
}

static void begin_nss(void) {
    EXPECT(NSS_NoDB_Init, NULL);
}

static void draw_of_nss(unsigned char *out) {
    EXPECT(PK11_GenerateRandom, out, SIZE);
}

static void begin_gnutls(void) {}

static const struct {
    const char *name, *file;
    void (*begin)(void);
    void (*draw)(unsigned char *out);
} libraries[] = {
    {"gnutls", "libgnutls.so.30", begin_gnutls, draw_of_gnutls},
    {"gcrypt", "libgcrypt.so.20", begin_gcrypt, draw_of_gcrypt},
    {"nss", "libnss3.so", begin_nss, draw_of_nss},
};
static const char *const kinds[] = {"nonce", "random", "key", "pair"};
static void (*draw_bytes)(unsigned char *out);
