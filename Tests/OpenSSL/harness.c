// What the provider does in the middle of a request that its buffer serves, or the kernel alone.

#include "played.h"

static int is_empty(const struct buffer *buffer, size_t from) {
    for (size_t i = from; i < KEPT; i++)
        if (buffer->bytes[i] != 0)
            return 0;
    return 1;
}

// Another request in the middle of one, as a signal handler makes it.
static uint64_t taken_between;
static void interrupt(void) {
    taken_between = take_number();
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    begin("a byte is given once");
    static unsigned char given[1 << 20];
    for (int i = 0; i < 20000; i++) {
        uint64_t numbers[LARGEST / 8 + 1];
        size_t count = 1 + (size_t)(i * 7919) % (LARGEST / 8 + 1);
        require(generate(context, (unsigned char *)numbers, count * 8, STRENGTH, i % 5 == 0, NULL, 0), "none");
        for (size_t k = 0; k < count; k++) {
            require(numbers[k] < sizeof given && numbers[k] > 0 && !given[numbers[k]], "a number was given twice");
            given[numbers[k]] = 1;
        }
    }
    end();

    begin("what was given is wiped");
    take_number();
    require(context->buffer && context->buffer->left == KEPT - 8, "nothing was kept");
    require(is_empty(context->buffer, context->buffer->left), "what was given is there still");
    require(!is_empty(context->buffer, 0), "all is wiped");
    require(reseed(context, 0, NULL, 0, NULL, 0) && is_empty(context->buffer, 0), "reseeding left something");
    end();

    begin("a change throws away what was kept");
    take_number();
    change();
    require(take_number() > KEPT / 8, "a number from before the change");
    end();

    begin("a second throws away what was kept");
    take_number();
    second++;
    require(take_number() > KEPT / 8, "a number of an earlier second");
    end();

    begin("a change in the middle of the copy is one before it");
    take_number();
    in_copy = change;
    require(take_number() > KEPT / 8, "a number from before the change");
    end();

    begin("a change while the buffer is filled is one before it");
    in_call = change;
    require(take_number() > KEPT / 8, "a number from before the change");
    end();

    begin("a change in the middle of a request that is not kept is one before it");
    uint64_t numbers[LARGEST];
    in_call = change;
    require(generate(context, (unsigned char *)numbers, sizeof numbers, STRENGTH, 0, NULL, 0), "none");
    require(numbers[0] > LARGEST, "a number from before the change");
    end();

    begin("a signal handler in the middle is given others");
    take_number();
    in_copy = interrupt;
    require(take_number() != taken_between, "the same number");
    in_call = interrupt;
    change();
    require(take_number() != taken_between, "the same number");
    end();

    begin("a child is given others");
    uint64_t first = take_number();
    make_child();
    first = take_number();
    compare_with_child(first);
    end();

    begin("a child that is made in the middle of the copy is given others");
    take_number();
    in_copy = make_child;
    compare_with_child(take_number());
    end();

    begin("a child that is made in the middle of the copy, and draws there, is given others");
    take_number();
    after_copy = make_child_that_draws;
    compare_with_child(take_number());
    in_copy = make_child_that_draws;
    take_number();
    compare_with_child(take_number());
    end();

    begin("a child that is made while the buffer is filled is given others");
    in_call = make_child;
    compare_with_child(take_number());
    end();

    begin("the kernel may give less, and be interrupted");
    slice = 24;
    error = EINTR;
    uint64_t last = take_number();
    require(last > 0 && next == 1 + KEPT / 8, "the buffer was not filled");
    end();

    begin("without getrandom it is the device");
    error = ENOSYS;
    require(take_number() != take_number() && next == 1, "nothing of the device");
    end();

    begin("who wants what is fresh gets nothing that was kept");
    take_number();
    require(generate(context, (unsigned char *)&last, sizeof last, STRENGTH, 1, NULL, 0), "none");
    require(last == 1 + KEPT / 8, "what was kept");
    end();

    begin("nothing is kept where the buffer would be copied to a child");
    wipes = 0;
    take_number();
    require(!context->buffer && take_number() == 2, "something was kept");
    end();

    begin("nothing is kept where there is no memory");
    has_memory = 0;
    take_number();
    require(!context->buffer && take_number() == 2, "something was kept");
    end();

    begin("nothing is kept where the generation is unknown");
    provider.probe.word = NULL;
    take_number();
    require(!context->buffer && take_number() == 2, "something was kept");
    end();

    begin("nothing is kept where threads share it");
    take_number();
    require(enable_locking(context) && !context->buffer, "something is kept");
    take_number();
    require(!context->buffer, "something was kept");
    end();

    begin("it gives nothing beyond its strength, or before it is ready");
    unsigned char byte;
    require(!generate(context, &byte, 1, STRENGTH + 1, 0, NULL, 0), "beyond its strength");
    require(uninstantiate(context) && !generate(context, &byte, 1, STRENGTH, 0, NULL, 0), "not ready");
    require(!instantiate(context, STRENGTH + 1, 0, NULL, 0, NULL), "beyond its strength");
    end();

    begin("a generator below it gets a seed");
    unsigned char *seed = NULL;
    require(get_seed(context, &seed, 256, 48, 64, 0, NULL, 0) == 48 && seed, "no seed of the least size");
    clear_seed(context, seed, 48);
    require(get_seed(context, &seed, 384, 16, 64, 0, NULL, 0) == 48, "no seed for the entropy");
    clear_seed(context, seed, 48);
    require(get_seed(context, &seed, 1024, 16, 64, 0, NULL, 0) == 0, "a seed that is too small");
    end();
    freectx(context);
}
