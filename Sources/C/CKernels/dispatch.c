// Picks the variant, and holds what is the same in all of them.
#include "variants.h"

#include <stddef.h>
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

static const ck_functions *functions_of(ck_variant variant) {
    switch (variant) {
#if defined(__x86_64__)
    case ck_variant_avx2: return &ck_avx2_functions;
    case ck_variant_avx512: return &ck_avx512_functions;
    case ck_variant_amx: return &ck_amx_functions;
#elif defined(__aarch64__)
    case ck_variant_neon: return &ck_neon_functions;
#endif
    default: return &ck_portable_functions;
    }
}

#if defined(__x86_64__)
/// Whether the CPU has int8 tiles and the system lets this process use their registers.
static int32_t may_use_tiles(void) {
#if defined(__linux__)
    enum { request_permission = 0x1023, tile_data = 18 };  // asm/prctl.h, Intel SDM 13.5
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8")
        && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return 0;
#endif
}
#endif

int32_t ck_is_supported(ck_variant variant) {
    switch (variant) {
    case ck_variant_portable: return 1;
#if defined(__x86_64__)
    case ck_variant_avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
            && __builtin_cpu_supports("f16c");
    case ck_variant_avx512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni");
    case ck_variant_amx: return ck_is_supported(ck_variant_avx512) && may_use_tiles();
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

uint64_t ck_gathered_words(
    const int32_t *columns, intptr_t first, intptr_t end, const void *rows, intptr_t row_bytes
) {
    enum { lane_count = 2 };
    uint64_t lanes[lane_count] = {0};
    for (intptr_t entry = first; entry < end; entry++) {
        if (entry + prefetch_distance < end) {
            ck_prefetch_row(
                (const char *)rows + columns[entry + prefetch_distance] * row_bytes, row_bytes
            );
        }
        const char *row = (const char *)rows + columns[entry] * row_bytes;
        for (intptr_t byte = 0; byte < row_bytes; byte += (intptr_t)sizeof lanes) {
            uint64_t words[lane_count];
            __builtin_memcpy(words, row + byte, sizeof words);
            for (int lane = 0; lane < lane_count; lane++) lanes[lane] ^= words[lane];
        }
    }
    return lanes[0] ^ lanes[1];
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

void ck_int8_limits(
    ck_variant variant, const ck_int8_blocks *blocks, intptr_t first, intptr_t count,
    ck_int8_query query, float threshold, int32_t *limits
) {
    functions_of(variant)->int8_limits(blocks, first, count, query, threshold, limits);
}

void ck_int8_row_limits(
    ck_variant variant, const ck_int8_blocks *blocks, intptr_t first, intptr_t count,
    ck_int8_query query, float threshold, float offset_scale, const float *offsets, int32_t *limits
) {
    functions_of(variant)->int8_row_limits(
        blocks, first, count, query, threshold, offset_scale, offsets, limits
    );
}

void ck_int8_hits(
    ck_variant variant, const ck_int8_blocks *blocks, intptr_t first_word, intptr_t word_count,
    const int8_t *queries, intptr_t query_count, int32_t has_row_limits, const int32_t *limits,
    const uint64_t *mask, uint64_t *hits
) {
    functions_of(variant)->int8_hits(
        blocks, first_word, word_count, queries, query_count, has_row_limits, limits, mask, hits
    );
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
