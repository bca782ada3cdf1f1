// NEON (aarch64): four floats an instruction; tails through a zero-padded copy.
#include "variants.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define INLINE_NEON __attribute__((always_inline)) static inline

INLINE_NEON float32x4_t load_float(const float *p) { return vld1q_f32(p); }
INLINE_NEON float32x4_t load_half(const uint16_t *p) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}
INLINE_NEON float32x4_t load_part_float(const float *p, intptr_t count) {
    float padded[4] = {0};
    __builtin_memcpy(padded, p, (size_t)count * sizeof *padded);
    return vld1q_f32(padded);
}
INLINE_NEON float32x4_t load_part_half(const uint16_t *p, intptr_t count) {
    uint16_t padded[4] = {0};
    __builtin_memcpy(padded, p, (size_t)count * sizeof *padded);
    return load_half(padded);
}
INLINE_NEON void store_part(float *p, float32x4_t values, intptr_t count) {
    float padded[4];
    vst1q_f32(padded, values);
    __builtin_memcpy(p, padded, (size_t)count * sizeof *padded);
}

// One row of the product, columns in tiles of 64 that stay in registers; then 4; then the tail.
#define SPMM_ROWS(NAME, ELEMENT, LOAD, LOAD_PART)                                                 \
    INLINE_NEON void NAME##_tile64(                                                               \
        int64_t begin, int64_t end, int64_t last, const int32_t *columns, const float *weights,   \
        const ELEMENT *input, intptr_t dimension, float *output                                   \
    ) {                                                                                           \
        float32x4_t s[16];                                                                        \
        for (int k = 0; k < 16; k++) s[k] = vdupq_n_f32(0);                                       \
        for (int64_t j = begin; j < end; j++) {                                                   \
            if (j + prefetch_distance < last) {                                                   \
                ck_prefetch_row(                                                                  \
                    input + (intptr_t)columns[j + prefetch_distance] * dimension,                 \
                    64 * (intptr_t)sizeof(ELEMENT)                                                \
                );                                                                                \
            }                                                                                     \
            const ELEMENT *row = input + (intptr_t)columns[j] * dimension;                        \
            float weight = weights[j];                                                            \
            _Pragma("clang loop unroll(full)")                                                    \
            for (int k = 0; k < 16; k++) s[k] = vfmaq_n_f32(s[k], LOAD(row + 4 * k), weight);     \
        }                                                                                         \
        for (int k = 0; k < 16; k++) vst1q_f32(output + 4 * k, s[k]);                             \
    }                                                                                             \
    static void NAME(                                                                             \
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
            for (; at < dimension; at += 4) {                                                     \
                intptr_t count = dimension - at < 4 ? dimension - at : 4;                         \
                float32x4_t sum = vdupq_n_f32(0);                                                 \
                for (int64_t j = begin; j < end; j++) {                                           \
                    const ELEMENT *neighbour = input + (intptr_t)columns[j] * dimension + at;     \
                    float32x4_t part =                                                            \
                        count == 4 ? LOAD(neighbour) : LOAD_PART(neighbour, count);               \
                    sum = vfmaq_n_f32(sum, part, weights[j]);                                     \
                }                                                                                 \
                store_part(output + at, sum, count);                                              \
            }                                                                                     \
        }                                                                                         \
    }

SPMM_ROWS(spmm, float, load_float, load_part_float)
SPMM_ROWS(spmm_half, uint16_t, load_half, load_part_half)

// 32 lanes -> 16 -> 8 -> 4 -> 2 -> 1, the tree that every SIMD variant keeps.
INLINE_NEON float sum_lanes(const float32x4_t lanes[8]) {
    float32x4_t s16[4], s8[2];
    for (int k = 0; k < 4; k++) s16[k] = vaddq_f32(lanes[k], lanes[k + 4]);
    for (int k = 0; k < 2; k++) s8[k] = vaddq_f32(s16[k], s16[k + 2]);
    float32x4_t s4 = vaddq_f32(s8[0], s8[1]);
    float32x2_t s2 = vadd_f32(vget_low_f32(s4), vget_high_f32(s4));
    return vget_lane_f32(s2, 0) + vget_lane_f32(s2, 1);
}

static float dot(const float *a, const float *b, intptr_t count) {
    float32x4_t s[8];
    for (int k = 0; k < 8; k++) s[k] = vdupq_n_f32(0);
    intptr_t i = 0;
    for (; i + 32 <= count; i += 32) {
        for (int k = 0; k < 8; k++) {
            s[k] = vfmaq_f32(s[k], vld1q_f32(a + i + 4 * k), vld1q_f32(b + i + 4 * k));
        }
    }
    for (int k = 0; i < count; k++, i += 4) {
        intptr_t part = count - i < 4 ? count - i : 4;
        s[k] = vfmaq_f32(s[k], load_part_float(a + i, part), load_part_float(b + i, part));
    }
    return sum_lanes(s);
}

static void matrix_vector(
    const float *matrix, intptr_t row_count, intptr_t dimension, const float *vector,
    float *output
) {
    for (intptr_t row = 0; row < row_count; row++) {
        output[row] = dot(matrix + row * dimension, vector, dimension);
    }
}

static void scaled_add(float a, const float *x, float b, float *y, intptr_t count) {
    for (intptr_t i = 0; i < count; i += 4) {
        intptr_t part = count - i < 4 ? count - i : 4;
        float32x4_t scaled = vmulq_n_f32(load_part_float(y + i, part), b);
        store_part(y + i, vfmaq_n_f32(scaled, load_part_float(x + i, part), a), part);
    }
}

static uint64_t hits64(const float *scores, float threshold) {
    static const uint32_t lane_bits[4] = {1, 2, 4, 8};
    uint32x4_t bits = vld1q_u32(lane_bits);
    float32x4_t limit = vdupq_n_f32(threshold);
    uint64_t hits = 0;
    for (int group = 0; group < 16; group++) {
        uint32x4_t is_greater = vcgtq_f32(vld1q_f32(scores + group * 4), limit);
        hits |= (uint64_t)vaddvq_u32(vandq_u32(is_greater, bits)) << (group * 4);
    }
    return hits;
}

const ck_functions ck_neon_functions = {
    spmm, spmm_half, dot, matrix_vector, scaled_add, hits64,
    ck_portable_int8_limits, ck_portable_int8_row_limits, ck_neon_int8_hits,
};
#endif
