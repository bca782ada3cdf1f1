// The functions that every variant fills in; see CKernels.h for what they do.
#ifndef CKERNELS_VARIANTS_H
#define CKERNELS_VARIANTS_H

#include "int8.h"

#include <stddef.h>

// How many neighbours ahead rows are fetched: at 256 B a row and ~80 ns to memory, eight rows in
// flight keep one core's line buffers full; four and sixteen were slower.
enum { prefetch_distance = 8, cache_line_bytes = 64 };

typedef struct ck_functions {
    void (*spmm)(
        const int64_t *, intptr_t, intptr_t, const int32_t *, const float *, const float *,
        intptr_t, float *
    );
    void (*spmm_half)(
        const int64_t *, intptr_t, intptr_t, const int32_t *, const float *, const uint16_t *,
        intptr_t, float *
    );
    float (*dot)(const float *, const float *, intptr_t);
    void (*matrix_vector)(const float *, intptr_t, intptr_t, const float *, float *);
    void (*scaled_add)(float, const float *, float, float *, intptr_t);
    /// Bits of the 64 scores that are greater than the threshold.
    uint64_t (*hits64)(const float *, float);
    int8_limits_function *int8_limits;
    int8_row_limits_function *int8_row_limits;
    int8_hits_function *int8_hits;
} ck_functions;

extern const ck_functions ck_portable_functions;
#if defined(__x86_64__)
extern const ck_functions ck_avx2_functions;
extern const ck_functions ck_avx512_functions;
extern const ck_functions ck_amx_functions;
#elif defined(__aarch64__)
extern const ck_functions ck_neon_functions;
#endif

static inline void ck_prefetch_row(const void *row, intptr_t byte_count) {
    const char *bytes = (const char *)row;
    for (intptr_t offset = 0; offset < byte_count; offset += cache_line_bytes) {
        __builtin_prefetch(bytes + offset, 0, 3);
    }
}

#endif
