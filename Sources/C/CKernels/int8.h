// What the variants of the int8 scan share; see CKernels.h for what the functions do.
#ifndef CKERNELS_INT8_H
#define CKERNELS_INT8_H

#include "CKernels.h"

enum {
    int8_block_rows = 16,    // lanes of a 512-bit register, columns of an AMX tile
    int8_group_columns = 4,  // bytes that one lane multiplies at once
    int8_word_blocks = 4,    // one word of a mask
    int8_word_rows = int8_word_blocks * int8_block_rows,
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

/// Towards zero: the slack of a limit covers it. NaN, of numbers beyond a float, lets everything pass.
__attribute__((always_inline)) static inline int32_t int8_rounded_limit(float limit) {
    limit = limit > -int8_limit_bound ? limit : -int8_limit_bound;
    return (int32_t)(limit < int8_limit_bound ? limit : int8_limit_bound);
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
        limits[block] = int8_rounded_limit(limit) + query.bias;
    }
}

/// The same with a limit a row.
__attribute__((always_inline)) static inline void int8_row_limits_inline(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, float offset_scale, const float *offsets, int32_t *limits
) {
    for (intptr_t block = 0; block < count; block++) {
        float inverse_scale = blocks->inverse_scales[first + block];
        float error = query.length * blocks->residuals[first + block]
            + query.residual * blocks->lengths[first + block] + query.slack;
        for (intptr_t row = block * int8_block_rows; row < (block + 1) * int8_block_rows; row++) {
            float offset = offsets[row] * offset_scale;
            // What is subtracted may be far larger than what is left.
            float margin = (__builtin_fabsf(threshold) + __builtin_fabsf(offset)) * 0x1p-19f;
            float limit = ((threshold - offset) - margin) * inverse_scale - error;
            limits[row] = int8_rounded_limit(limit) + query.bias;
        }
    }
}

typedef void int8_limits_function(
    const ck_int8_blocks *, intptr_t, intptr_t, ck_int8_query, float, int32_t *
);
typedef void int8_row_limits_function(
    const ck_int8_blocks *, intptr_t, intptr_t, ck_int8_query, float, float, const float *,
    int32_t *
);
typedef void int8_hits_function(
    const ck_int8_blocks *, intptr_t, intptr_t, const int8_t *, intptr_t, int32_t, const int32_t *,
    const uint64_t *, uint64_t *
);

int8_limits_function ck_portable_int8_limits;
int8_row_limits_function ck_portable_int8_row_limits;
int8_hits_function ck_portable_int8_hits;
#if defined(__x86_64__)
int8_limits_function ck_avx2_int8_limits, ck_avx512_int8_limits;
int8_row_limits_function ck_avx2_int8_row_limits, ck_avx512_int8_row_limits;
int8_hits_function ck_avx2_int8_hits, ck_avx512_int8_hits, ck_amx_int8_hits;
#elif defined(__aarch64__)
int8_hits_function ck_neon_int8_hits;
#endif

#endif
