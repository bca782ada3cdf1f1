// Picks the variant, and holds what is the same in all of them.
#include "variants.h"

#include <stddef.h>

static const ck_functions *functions_of(ck_variant variant) {
    switch (variant) {
#if defined(__x86_64__)
    case ck_variant_avx2: return &ck_avx2_functions;
    case ck_variant_avx512: return &ck_avx512_functions;
#elif defined(__aarch64__)
    case ck_variant_neon: return &ck_neon_functions;
#endif
    default: return &ck_portable_functions;
    }
}

int32_t ck_is_supported(ck_variant variant) {
    switch (variant) {
    case ck_variant_portable: return 1;
#if defined(__x86_64__)
    case ck_variant_avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
            && __builtin_cpu_supports("f16c");
    case ck_variant_avx512: return __builtin_cpu_supports("avx512f") != 0;
#elif defined(__aarch64__)
    case ck_variant_neon: return 1;
#endif
    default: return 0;
    }
}

int32_t ck_csr_is_valid(
    const int64_t *row_offsets, intptr_t first, intptr_t end,
    const int32_t *columns, int64_t column_count, int64_t input_rows
) {
    int32_t are_offsets_good = row_offsets[first] >= 0 && row_offsets[end] <= column_count;
    for (intptr_t row = first; row < end; row++) {
        are_offsets_good &= row_offsets[row] <= row_offsets[row + 1];
    }
    if (!are_offsets_good) return 0;
    // A negative column is a huge unsigned one; OR-ing the verdicts keeps the loop straight.
    uint32_t limit = input_rows > INT32_MAX ? (uint32_t)INT32_MAX + 1 : (uint32_t)input_rows;
    uint32_t is_bad = 0;
    for (int64_t j = row_offsets[first]; j < row_offsets[end]; j++) {
        is_bad |= (uint32_t)columns[j] >= limit;
    }
    return !is_bad;
}

void ck_spmm(
    ck_variant variant, const int64_t *row_offsets, intptr_t first, intptr_t end,
    const int32_t *columns, const float *weights, const float *input, intptr_t dimension,
    float *output
) {
    functions_of(variant)->spmm(
        row_offsets, first, end, columns, weights, input, dimension, output
    );
}

void ck_spmm_half(
    ck_variant variant, const int64_t *row_offsets, intptr_t first, intptr_t end,
    const int32_t *columns, const float *weights, const uint16_t *input, intptr_t dimension,
    float *output
) {
    functions_of(variant)->spmm_half(
        row_offsets, first, end, columns, weights, input, dimension, output
    );
}

float ck_dot(ck_variant variant, const float *a, const float *b, intptr_t count) {
    return functions_of(variant)->dot(a, b, count);
}

void ck_matrix_vector(
    ck_variant variant, const float *matrix, intptr_t row_count, intptr_t dimension,
    const float *vector, float *output
) {
    functions_of(variant)->matrix_vector(matrix, row_count, dimension, vector, output);
}

void ck_scaled_add(
    ck_variant variant, float a, const float *x, float b, float *y, intptr_t count
) {
    functions_of(variant)->scaled_add(a, x, b, y, count);
}

intptr_t ck_next_hits(
    ck_variant variant, const float *scores, intptr_t count, const uint64_t *mask,
    float threshold, intptr_t group, uint64_t *hits
) {
    uint64_t (*hits64)(const float *, float) = functions_of(variant)->hits64;
    intptr_t whole_groups = count / 64;
    for (; group < whole_groups; group++) {
        uint64_t eligible = mask ? mask[group] : ~(uint64_t)0;
        if (eligible == 0) continue;
        *hits = hits64(scores + group * 64, threshold) & eligible;
        if (*hits) return group;
    }
    if (group == whole_groups && count % 64) {
        uint64_t found = 0;
        for (intptr_t i = 0; i < count % 64; i++) {
            found |= (uint64_t)(scores[group * 64 + i] > threshold) << i;
        }
        *hits = found & (mask ? mask[group] : ~(uint64_t)0);
        if (*hits) return group;
        group++;
    }
    return group;
}
