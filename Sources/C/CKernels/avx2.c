// AVX2 + FMA + F16C: eight floats an instruction, tails by masked loads and stores.
#include "variants.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma,f16c")))
#define INLINE2 AVX2 __attribute__((always_inline)) static inline

static const int32_t mask_source[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

/// All ones in the first `count` of eight lanes.
INLINE2 __m256i first_lanes(intptr_t count) {
    return _mm256_loadu_si256((const __m256i *)(mask_source + 8 - count));
}
INLINE2 __m256 load_float(const float *p) { return _mm256_loadu_ps(p); }
INLINE2 __m256 load_half(const uint16_t *p) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}
INLINE2 __m256 load_part_float(const float *p, intptr_t count) {
    return _mm256_maskload_ps(p, first_lanes(count));
}
INLINE2 __m256 load_part_half(const uint16_t *p, intptr_t count) {
    uint16_t padded[8] = {0};
    __builtin_memcpy(padded, p, (size_t)count * sizeof *padded);
    return load_half(padded);
}

// One row of the product, columns in tiles of 64 that stay in registers; then 8; then the tail.
#define SPMM_ROWS(NAME, ELEMENT, LOAD, LOAD_PART)                                                 \
    INLINE2 void NAME##_tile64(                                                                   \
        int64_t begin, int64_t end, int64_t last, const int32_t *columns, const float *weights,   \
        const ELEMENT *input, intptr_t dimension, float *output                                   \
    ) {                                                                                           \
        __m256 s[8];                                                                              \
        for (int k = 0; k < 8; k++) s[k] = _mm256_setzero_ps();                                   \
        for (int64_t j = begin; j < end; j++) {                                                   \
            if (j + prefetch_distance < last) {                                                   \
                ck_prefetch_row(                                                                  \
                    input + (intptr_t)columns[j + prefetch_distance] * dimension,                 \
                    64 * (intptr_t)sizeof(ELEMENT)                                                \
                );                                                                                \
            }                                                                                     \
            const ELEMENT *row = input + (intptr_t)columns[j] * dimension;                        \
            __m256 weight = _mm256_set1_ps(weights[j]);                                           \
            _Pragma("clang loop unroll(full)")                                                    \
            for (int k = 0; k < 8; k++) {                                                         \
                s[k] = _mm256_fmadd_ps(weight, LOAD(row + 8 * k), s[k]);                          \
            }                                                                                     \
        }                                                                                         \
        for (int k = 0; k < 8; k++) _mm256_storeu_ps(output + 8 * k, s[k]);                       \
    }                                                                                             \
    AVX2 static void NAME(                                                                        \
        const int64_t *row_offsets, intptr_t first, intptr_t end_row, const int32_t *columns,     \
        const float *weights, const ELEMENT *input, intptr_t dimension, float *output             \
    ) {                                                                                           \
        int64_t last = row_offsets[end_row];                                                      \
        for (intptr_t row = first; row < end_row; row++, output += dimension) {                   \
            int64_t begin = row_offsets[row], end = row_offsets[row + 1];                         \
            intptr_t at = 0;                                                                      \
            for (; at + 64 <= dimension; at += 64) {                                              \
                NAME##_tile64(                                                                    \
                    begin, end, last, columns, weights, input + at, dimension, output + at        \
                );                                                                                \
            }                                                                                     \
            for (; at + 8 <= dimension; at += 8) {                                                \
                __m256 sum = _mm256_setzero_ps();                                                 \
                for (int64_t j = begin; j < end; j++) {                                           \
                    const ELEMENT *neighbour = input + (intptr_t)columns[j] * dimension + at;     \
                    sum = _mm256_fmadd_ps(_mm256_set1_ps(weights[j]), LOAD(neighbour), sum);      \
                }                                                                                 \
                _mm256_storeu_ps(output + at, sum);                                               \
            }                                                                                     \
            if (at < dimension) {                                                                 \
                intptr_t count = dimension - at;                                                  \
                __m256 sum = _mm256_setzero_ps();                                                 \
                for (int64_t j = begin; j < end; j++) {                                           \
                    const ELEMENT *neighbour = input + (intptr_t)columns[j] * dimension + at;     \
                    __m256 part = LOAD_PART(neighbour, count);                                    \
                    sum = _mm256_fmadd_ps(_mm256_set1_ps(weights[j]), part, sum);                 \
                }                                                                                 \
                _mm256_maskstore_ps(output + at, first_lanes(count), sum);                        \
            }                                                                                     \
        }                                                                                         \
    }

SPMM_ROWS(spmm, float, load_float, load_part_float)
SPMM_ROWS(spmm_half, uint16_t, load_half, load_part_half)

// 32 lanes -> 16 -> 8 -> 4 -> 2 -> 1, the tree that every SIMD variant keeps.
INLINE2 float sum_lanes(const __m256 lanes[4]) {
    __m256 s16_low = _mm256_add_ps(lanes[0], lanes[2]);
    __m256 s16_high = _mm256_add_ps(lanes[1], lanes[3]);
    __m256 s8 = _mm256_add_ps(s16_low, s16_high);
    __m128 s4 = _mm_add_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
    __m128 s2 = _mm_add_ps(s4, _mm_movehl_ps(s4, s4));
    return _mm_cvtss_f32(_mm_add_ss(s2, _mm_shuffle_ps(s2, s2, 1)));
}

INLINE2 float dot_inline(const float *a, const float *b, intptr_t count) {
    __m256 s[4];
    for (int k = 0; k < 4; k++) s[k] = _mm256_setzero_ps();
    intptr_t i = 0;
    for (; i + 32 <= count; i += 32) {
        for (int k = 0; k < 4; k++) {
            s[k] = _mm256_fmadd_ps(
                _mm256_loadu_ps(a + i + 8 * k), _mm256_loadu_ps(b + i + 8 * k), s[k]
            );
        }
    }
    for (int k = 0; i < count; k++, i += 8) {
        intptr_t part = count - i < 8 ? count - i : 8;
        s[k] = _mm256_fmadd_ps(load_part_float(a + i, part), load_part_float(b + i, part), s[k]);
    }
    return sum_lanes(s);
}

AVX2 static float dot(const float *a, const float *b, intptr_t count) {
    return dot_inline(a, b, count);
}

AVX2 static void matrix_vector(
    const float *matrix, intptr_t row_count, intptr_t dimension, const float *vector,
    float *output
) {
    for (intptr_t row = 0; row < row_count; row++) {
        output[row] = dot_inline(matrix + row * dimension, vector, dimension);
    }
}

AVX2 static void scaled_add(float a, const float *x, float b, float *y, intptr_t count) {
    __m256 a8 = _mm256_set1_ps(a), b8 = _mm256_set1_ps(b);
    intptr_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 scaled = _mm256_mul_ps(b8, _mm256_loadu_ps(y + i));
        _mm256_storeu_ps(y + i, _mm256_fmadd_ps(a8, _mm256_loadu_ps(x + i), scaled));
    }
    if (i < count) {
        __m256i rest = first_lanes(count - i);
        __m256 scaled = _mm256_mul_ps(b8, _mm256_maskload_ps(y + i, rest));
        __m256 sum = _mm256_fmadd_ps(a8, _mm256_maskload_ps(x + i, rest), scaled);
        _mm256_maskstore_ps(y + i, rest, sum);
    }
}

AVX2 static uint64_t hits64(const float *scores, float threshold) {
    __m256 limit = _mm256_set1_ps(threshold);
    uint64_t hits = 0;
    for (int group = 0; group < 8; group++) {
        __m256 is_greater =
            _mm256_cmp_ps(_mm256_loadu_ps(scores + group * 8), limit, _CMP_GT_OQ);
        hits |= (uint64_t)(uint32_t)_mm256_movemask_ps(is_greater) << (group * 8);
    }
    return hits;
}

const ck_functions ck_avx2_functions = {
    spmm, spmm_half, dot, matrix_vector, scaled_add, hits64,
    ck_avx2_int8_limits, ck_avx2_int8_row_limits, ck_avx2_int8_hits,
};
#endif
