// What the variants of the int8 scan share; see CKernels.h for what the functions do.
#ifndef CKERNELS_INT8_H
#define CKERNELS_INT8_H

#include "CKernels.h"

enum {
    int8_block_rows = 16,    // lanes of a 512-bit register, columns of an AMX tile
    int8_group_columns = 4,  // bytes that one lane multiplies at once
    int8_word_blocks = 4,    // 64 rows: one word of a mask
    int8_group_bytes = int8_block_rows * int8_group_columns,
    int8_bias = 128,
    int8_limit_bound = 1 << 30,
    // Lines this far ahead are asked for; at one query the scan waits for memory alone. On a Sapphire
    // Rapids 8 KiB read 64 MB at 22 GB/s, 4 KiB at 21, 2 KiB at 18, none at 14.
    int8_prefetch_bytes = 8192,
};

static inline intptr_t int8_group_count(intptr_t dimension) {
    return (dimension + int8_group_columns - 1) / int8_group_columns;
}

/// Generic code, made anew for the instructions of each variant that includes it.
__attribute__((always_inline)) static inline void int8_limits_inline(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, int32_t *limits
) {
    const float *inverse_scales = blocks->inverse_scales + first;
    const float *residuals = blocks->residuals + first;
    const float *lengths = blocks->lengths + first;
    float length = query.length, residual = query.residual, slack = query.slack;
    // Towards −infinity by more than the rounding of this line and of the threshold.
    threshold *= threshold > 0 ? 1 - 0x1p-20f : 1 + 0x1p-20f;
    for (intptr_t block = 0; block < count; block++) {
        float limit = threshold * inverse_scales[block] - length * residuals[block]
            - residual * lengths[block] - slack;
        limit = limit < int8_limit_bound ? limit : int8_limit_bound;
        limit = limit > -int8_limit_bound ? limit : -int8_limit_bound;
        limits[block] = (int32_t)limit + query.bias;
    }
}

typedef void int8_limits_function(
    const ck_int8_blocks *, intptr_t, intptr_t, ck_int8_query, float, int32_t *
);
typedef void int8_hits_function(
    const ck_int8_blocks *, intptr_t, intptr_t, const int8_t *, intptr_t, const int32_t *,
    const uint64_t *, uint64_t *
);

int8_limits_function ck_portable_int8_limits;
int8_hits_function ck_portable_int8_hits;
#if defined(__x86_64__)
int8_limits_function ck_avx2_int8_limits, ck_avx512_int8_limits;
int8_hits_function ck_avx2_int8_hits, ck_avx512_int8_hits, ck_amx_int8_hits;
#elif defined(__aarch64__)
int8_hits_function ck_neon_int8_hits;
#endif

#endif
