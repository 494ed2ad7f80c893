// What the provider does in the middle of a long request. The kernel is played, and OpenSSL is not: so the numbers of the
// kernel that a request has for its key are known by what it gives.

#include "played.h"

#include <openssl/err.h>
#include <openssl/provider.h>

enum { LONG = 8191, NUMBERS = SEED / 8, LONGEST = 3 * PIECE + 5 };

static unsigned char given[LONGEST];
// What happens once, when a key is there and nothing has been given of it.
static void (*in_encryption)(void);
static __typeof__(EVP_EncryptUpdate) *encrypt;
static int is_broken;

static int play_encrypt(EVP_CIPHER_CTX *expander, unsigned char *out, int *count, const unsigned char *in, int size) {
    happen(&in_encryption);
    return !is_broken && encrypt(expander, out, count, in, size);
}

// ---- OpenSSL loads the provider ----

static int start(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **provctx) {
    static const OSSL_DISPATCH calls[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query}, {0, NULL}};
    memset(&provider.expansion, 0, sizeof provider.expansion);
    find_expansion(&provider.expansion, core, in);
    encrypt = provider.expansion.encrypt;
    provider.expansion.encrypt = play_encrypt;
    *out = calls;
    *provctx = &provider;
    return 1;
}

static OSSL_PROVIDER *load(OSSL_LIB_CTX *library) {
    OSSL_PROVIDER *loaded = NULL;
    require(OSSL_PROVIDER_add_builtin(library, "played", start) == 1, "the provider is not known");
    require((loaded = OSSL_PROVIDER_load(library, "played")) != NULL, "the provider is not loaded");
    require(encrypt != NULL, "OpenSSL's functions were not found");
    return loaded;
}

// ---- What is given ----

// By what key: by its first number; 0 is none.
static void expand_plainly(uint64_t number, unsigned char *out, size_t size) {
    uint64_t seed[NUMBERS];
    for (int i = 0; i < NUMBERS; i++)
        seed[i] = number + (uint64_t)i;
    const unsigned char *key = (const unsigned char *)seed;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int count = 0;
    memset(out, 0, size);
    require(
        EVP_EncryptInit_ex2(cipher, EVP_aes_256_ctr(), key, key + KEY, NULL) == 1
            && EVP_EncryptUpdate(cipher, out, &count, out, (int)size) == 1 && count == (int)size,
        "no encryption");
    EVP_CIPHER_CTX_free(cipher);
    explicit_bzero(seed, sizeof seed);
}

static uint64_t key_of(size_t size) {
    static unsigned char expected[LONGEST];
    for (uint64_t number = next; number > 0; number--) {
        expand_plainly(number, expected, BLOCK);
        if (memcmp(expected, given, BLOCK) != 0)
            continue;
        expand_plainly(number, expected, size);
        require(memcmp(expected, given, size) == 0, "only the beginning is what the key makes");
        return number;
    }
    return 0;
}

static void take_long(size_t size) {
    memset(given, 0, sizeof given);
    require(generate(context, given, size, STRENGTH, 0, NULL, 0), "nothing was given");
    for (size_t i = size; i < sizeof given; i++)
        require(given[i] == 0, "more was given");
}

static uint64_t take_key(void) {
    take_long(LONG);
    uint64_t key = key_of(LONG);
    require(key > 0, "it was not expanded");
    return key;
}

static uint64_t take_numbers(void) {
    take_long(LONG);
    uint64_t number;
    memcpy(&number, given, sizeof number);
    require(number == next - (LONG + 7) / 8, "it is not the kernel's");
    return number;
}

// ---- What is in memory ----

// How often the memory of this process has two words of which `is_it` says that they are it.
static int count_in_memory(int (*is_it)(const uint64_t *words)) {
    static uint64_t words[1 << 16];
    FILE *maps = fopen("/proc/self/maps", "re"), *memory = fopen("/proc/self/mem", "re");
    char line[512];
    int count = 0;
    require(maps && memory, "no memory to read");
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char mode[5];
        // What is larger is a sanitizer's.
        if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || strncmp(mode, "rw", 2) != 0 || to - from > 1 << 28)
            continue;
        for (ssize_t size; from < to; from += (unsigned long)size) {
            size_t wanted = to - from < sizeof words ? to - from : sizeof words;
            size = pread(fileno(memory), words, wanted, (off_t)from);
            if (size <= 0)
                break;
            for (ssize_t i = 0; i + 1 < size / 8; i++)
                count += is_it(words + i);
            explicit_bzero(words, sizeof words);
        }
    }
    fclose(maps);
    fclose(memory);
    return count;
}

// The first number of a key, and what it makes of the last block, inverted: so it is nowhere itself.
static uint64_t sought, last_block[2];

static int is_of_key(const uint64_t *words) {
    return words[0] >= sought && words[0] < sought + NUMBERS - 1 && words[1] == words[0] + 1;
}

static int is_secret(const uint64_t *words) {
    return is_of_key(words) || (words[0] == ~last_block[0] && words[1] == ~last_block[1]);
}

static int count_in_request;
static void count_key(void) {
    count_in_request = count_in_memory(is_of_key);
}

// Another request in the middle of one, as a signal handler makes it.
static uint64_t taken_between;
static void interrupt(void) {
    unsigned char numbers[LONG + 1];
    require(generate(context, numbers, sizeof numbers, STRENGTH, 0, NULL, 0), "nothing was given");
    memcpy(&taken_between, numbers, sizeof taken_between);
    require(taken_between == next - sizeof numbers / 8, "it is not the kernel's");
}

// It has the same cipher in its hands that was interrupted.
static void make_child_that_draws_much(void) {
    make_child();
    if (is_child)
        take_key();
}

static int compare_sizes(void) {
    static const size_t sizes[] = {LARGEST + 1, LARGEST + BLOCK, 1000, LONG, LONG + 1, PIECE, PIECE + 1, LONGEST};
    static unsigned char is_given[1 << 16];
    int count = 0;
    for (int i = 0; i < 2000; i++) {
        size_t size = sizes[i < 8 ? i : i % 4];
        take_long(size);
        uint64_t key = key_of(size), number = take_number();
        require(key > 0, "it was not expanded");
        require(number < sizeof is_given && !is_given[number]++, "a number was given twice");
        for (int k = 0; k < NUMBERS; k++)
            require(key + NUMBERS < sizeof is_given && !is_given[key + (uint64_t)k]++, "a key was used twice");
        count++;
    }
    return count;
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    test = "start";
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *others = OSSL_PROVIDER_load(library, "default");
    require(library && others, "no library");
    OSSL_PROVIDER *ours = load(library);

    begin("a long request is what its key makes, and no key is used twice");
    require(compare_sizes() == 2000, "too few");
    end();

    begin("a key is nowhere when its request has ended, nor what was not given of its last block");
    take_key();
    next = 0x5eedULL << 32;
    // The end of what the buffer has then.
    sought = next + KEPT / 8 - NUMBERS;
    change();
    expand_plainly(sought, given, LONG + 1);
    for (int i = 0; i < 2; i++) {
        memcpy(&last_block[i], given + LONG + 1 - BLOCK + i * 8, 8);
        last_block[i] = ~last_block[i];
    }
    in_encryption = count_key;
    take_long(LONG);
    require(count_in_memory(is_secret) == 0, "it is there still");
    require(count_in_request > 0, "it was not there in the middle");
    require(key_of(LONG) == sought, "another key");
    end();

    begin("a change in the middle of an expansion is one before it");
    take_key();
    in_encryption = change;
    require(take_key() > KEPT / 8, "a key from before the change");
    end();

    begin("a change while a key is taken is one before it");
    take_key();
    in_copy = change;
    require(take_key() > KEPT / 8, "a key from before the change");
    in_call = change;
    second++;
    require(take_key() > 2 * KEPT / 8, "a key from before the change");
    end();

    begin("a signal handler in the middle is given others");
    take_key();
    in_encryption = interrupt;
    require(take_key() < KEPT / 8 && taken_between > KEPT / 8, "the same key");
    end();

    begin("a child is given others");
    take_key();
    make_child();
    compare_with_child(take_key());
    end();

    begin("a child that is made in the middle of an expansion is given others");
    take_key();
    in_encryption = make_child;
    compare_with_child(take_key());
    end();

    begin("a child that is made in the middle of an expansion, and draws there, is given others");
    take_key();
    in_encryption = make_child_that_draws;
    compare_with_child(take_key());
    in_encryption = make_child_that_draws_much;
    compare_with_child(take_key());
    end();

    begin("a child that is made while a key is taken is given others");
    in_copy = make_child;
    compare_with_child(take_key());
    end();

    begin("a request that cannot be expanded is the kernel's, and so are the next ones");
    take_key();
    is_broken = 1;
    take_numbers();
    is_broken = 0;
    require(!context->expander, "a cipher that has failed is kept");
    take_numbers();
    end();

    begin("nothing is expanded where nothing is kept");
    provider.probe.word = NULL;
    take_numbers();
    provider.probe.word = &generation;
    wipes = 0;
    take_numbers();
    require(!context->expander, "a cipher is kept");
    end();

    begin("nothing is expanded where threads share it");
    take_key();
    require(context->expander && enable_locking(context) && !context->expander, "a cipher is kept");
    take_numbers();
    end();

    begin("who wants what is fresh gets the kernel's");
    take_key();
    require(generate(context, given, LONG, STRENGTH, 1, NULL, 0) && key_of(LONG) == 0, "it was expanded");
    end();

    begin("nothing is left when it is no longer in use");
    take_key();
    require(uninstantiate(context) && !context->expander && !context->buffer, "a cipher is kept");
    end();

    begin("without OpenSSL's own provider it is the kernel's, and there is no error");
    OSSL_LIB_CTX *bare = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *alone = load(bare);
    take_numbers();
    take_numbers();
    require(ERR_peek_error() == 0, "an error");
    end();

    // The functions of this program are not in the library that has OpenSSL's.
    begin("another OpenSSL of the process is left alone");
    Dl_info object;
    require(find_object((const void *)interrupt, &object) && !object.dli_fname, "it is not the program's");
    void *function = NULL, *program = dlopen(NULL, RTLD_LAZY);
    require(dlsym(program, "EVP_EncryptUpdate") != NULL, "there is none");
    require(!find_function(program, &object, "EVP_EncryptUpdate", &function) && !function, "it was taken");
    dlclose(program);
    end();

    freectx(context);
    OSSL_PROVIDER_unload(alone);
    OSSL_LIB_CTX_free(bare);
    OSSL_PROVIDER_unload(ours);
    OSSL_PROVIDER_unload(others);
    OSSL_LIB_CTX_free(library);
}
