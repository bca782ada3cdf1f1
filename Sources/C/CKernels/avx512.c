// AVX-512F: sixteen floats an instruction, tails by masked loads and stores.
#include "variants.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))
#define INLINE512 AVX512 __attribute__((always_inline)) static inline

// Loads of one row element type each; the sums are always f32.
INLINE512 __m512 load_float(const float *p) { return _mm512_loadu_ps(p); }
INLINE512 __m512 load_half(const uint16_t *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}
INLINE512 __m512 load_part_float(const float *p, intptr_t count) {
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}
INLINE512 __m512 load_part_half(const uint16_t *p, intptr_t count) {
    uint16_t padded[16] = {0};
    __builtin_memcpy(padded, p, (size_t)count * sizeof *padded);
    return load_half(padded);
}

// One row of the product, columns in tiles of 64 that stay in registers; then 16; then the tail.
#define SPMM_ROWS(NAME, ELEMENT, LOAD, LOAD_PART)                                                 \
    INLINE512 void NAME##_tile64(                                                                 \
        int64_t begin, int64_t end, int64_t last, const int32_t *columns, const float *weights,   \
        const ELEMENT *input, intptr_t dimension, float *output                                   \
    ) {                                                                                           \
        __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;                               \
        for (int64_t j = begin; j < end; j++) {                                                   \
            if (j + prefetch_distance < last) {                                                   \
                ck_prefetch_row(                                                                  \
                    input + (intptr_t)columns[j + prefetch_distance] * dimension,                 \
                    64 * (intptr_t)sizeof(ELEMENT)                                                \
                );                                                                                \
            }                                                                                     \
            const ELEMENT *row = input + (intptr_t)columns[j] * dimension;                        \
            __m512 weight = _mm512_set1_ps(weights[j]);                                           \
            s0 = _mm512_fmadd_ps(weight, LOAD(row), s0);                                          \
            s1 = _mm512_fmadd_ps(weight, LOAD(row + 16), s1);                                     \
            s2 = _mm512_fmadd_ps(weight, LOAD(row + 32), s2);                                     \
            s3 = _mm512_fmadd_ps(weight, LOAD(row + 48), s3);                                     \
        }                                                                                         \
        _mm512_storeu_ps(output, s0);                                                             \
        _mm512_storeu_ps(output + 16, s1);                                                        \
        _mm512_storeu_ps(output + 32, s2);                                                        \
        _mm512_storeu_ps(output + 48, s3);                                                        \
    }                                                                                             \
    AVX512 static void NAME(                                                                      \
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
            for (; at + 16 <= dimension; at += 16) {                                              \
                __m512 sum = _mm512_setzero_ps();                                                 \
                for (int64_t j = begin; j < end; j++) {                                           \
                    const ELEMENT *neighbour = input + (intptr_t)columns[j] * dimension + at;     \
                    sum = _mm512_fmadd_ps(_mm512_set1_ps(weights[j]), LOAD(neighbour), sum);      \
                }                                                                                 \
                _mm512_storeu_ps(output + at, sum);                                               \
            }                                                                                     \
            if (at < dimension) {                                                                 \
                intptr_t count = dimension - at;                                                  \
                __m512 sum = _mm512_setzero_ps();                                                 \
                for (int64_t j = begin; j < end; j++) {                                           \
                    const ELEMENT *neighbour = input + (intptr_t)columns[j] * dimension + at;     \
                    __m512 part = LOAD_PART(neighbour, count);                                    \
                    sum = _mm512_fmadd_ps(_mm512_set1_ps(weights[j]), part, sum);                 \
                }                                                                                 \
                _mm512_mask_storeu_ps(output + at, (__mmask16)((1u << count) - 1), sum);          \
            }                                                                                     \
        }                                                                                         \
    }

SPMM_ROWS(spmm, float, load_float, load_part_float)
SPMM_ROWS(spmm_half, uint16_t, load_half, load_part_half)

// 32 lanes -> 16 -> 8 -> 4 -> 2 -> 1, the tree that every SIMD variant keeps.
INLINE512 float sum_lanes(__m512 lanes0, __m512 lanes16) {
    __m512 s16 = _mm512_add_ps(lanes0, lanes16);
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(s16), 1));
    __m256 s8 = _mm256_add_ps(_mm512_castps512_ps256(s16), high);
    __m128 s4 = _mm_add_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
    __m128 s2 = _mm_add_ps(s4, _mm_movehl_ps(s4, s4));
    return _mm_cvtss_f32(_mm_add_ss(s2, _mm_shuffle_ps(s2, s2, 1)));
}

INLINE512 float dot_inline(const float *a, const float *b, intptr_t count) {
    __m512 s0 = _mm512_setzero_ps(), s1 = s0;
    intptr_t i = 0;
    for (; i + 32 <= count; i += 32) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), s1);
    }
    if (i + 16 <= count) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
        i += 16;
        s1 = _mm512_fmadd_ps(
            load_part_float(a + i, count - i), load_part_float(b + i, count - i), s1
        );
    } else if (i < count) {
        s0 = _mm512_fmadd_ps(
            load_part_float(a + i, count - i), load_part_float(b + i, count - i), s0
        );
    }
    return sum_lanes(s0, s1);
}

AVX512 static float dot(const float *a, const float *b, intptr_t count) {
    return dot_inline(a, b, count);
}

AVX512 static void matrix_vector(
    const float *matrix, intptr_t row_count, intptr_t dimension, const float *vector,
    float *output
) {
    for (intptr_t row = 0; row < row_count; row++) {
        output[row] = dot_inline(matrix + row * dimension, vector, dimension);
    }
}

AVX512 static void scaled_add(float a, const float *x, float b, float *y, intptr_t count) {
    __m512 a16 = _mm512_set1_ps(a), b16 = _mm512_set1_ps(b);
    intptr_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m512 scaled = _mm512_mul_ps(b16, _mm512_loadu_ps(y + i));
        _mm512_storeu_ps(y + i, _mm512_fmadd_ps(a16, _mm512_loadu_ps(x + i), scaled));
    }
    if (i < count) {
        __mmask16 rest = (__mmask16)((1u << (count - i)) - 1);
        __m512 scaled = _mm512_mul_ps(b16, _mm512_maskz_loadu_ps(rest, y + i));
        __m512 sum = _mm512_fmadd_ps(a16, _mm512_maskz_loadu_ps(rest, x + i), scaled);
        _mm512_mask_storeu_ps(y + i, rest, sum);
    }
}

AVX512 static uint64_t hits64(const float *scores, float threshold) {
    __m512 limit = _mm512_set1_ps(threshold);
    uint64_t hits = 0;
    for (int group = 0; group < 4; group++) {
        __m512 values = _mm512_loadu_ps(scores + group * 16);
        hits |= (uint64_t)_mm512_cmp_ps_mask(values, limit, _CMP_GT_OQ) << (group * 16);
    }
    return hits;
}

const ck_functions ck_avx512_functions = {
    spmm, spmm_half, dot, matrix_vector, scaled_add, hits64,
    ck_avx512_int8_limits, ck_avx512_int8_row_limits, ck_avx512_int8_hits,
};

// Tiles serve the int8 scan alone.
const ck_functions ck_amx_functions = {
    spmm, spmm_half, dot, matrix_vector, scaled_add, hits64,
    ck_avx512_int8_limits, ck_avx512_int8_row_limits, ck_amx_int8_hits,
};
#endif
