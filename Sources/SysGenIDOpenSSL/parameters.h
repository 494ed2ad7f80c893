// What the provider and its generator say of themselves, OSSL_PARAM(3).
#ifndef SYSGENID_PARAMETERS_H
#define SYSGENID_PARAMETERS_H

#include <openssl/core.h>
#include <openssl/core_names.h>
#include <stdint.h>
#include <string.h>

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

#endif
