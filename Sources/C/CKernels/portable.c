// Plain C, for CPUs without any of the variants and for tests.
#include "variants.h"

#include <string.h>

static float half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half >> 15) << 31;
    uint32_t exponent = (half >> 10) & 31;
    uint32_t fraction = half & 1023;
    uint32_t bits;
    if (exponent == 31) {
        bits = sign | 0x7F800000u | (fraction << 13);
    } else if (exponent != 0) {
        bits = sign | ((exponent + 112) << 23) | (fraction << 13);
    } else {
        float magnitude = (float)fraction * 0x1p-24f;  // zero and the half's denormals
        memcpy(&bits, &magnitude, sizeof bits);
        bits |= sign;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void spmm(
    const int64_t *row_offsets, intptr_t first, intptr_t end, const int32_t *columns,
    const float *weights, const float *input, intptr_t dimension, float *output
) {
    for (intptr_t row = first; row < end; row++, output += dimension) {
        memset(output, 0, (size_t)dimension * sizeof *output);
        for (int64_t j = row_offsets[row]; j < row_offsets[row + 1]; j++) {
            const float *neighbour = input + (intptr_t)columns[j] * dimension;
            float weight = weights[j];
            for (intptr_t i = 0; i < dimension; i++) {
                output[i] += weight * neighbour[i];
            }
        }
    }
}

static void spmm_half(
    const int64_t *row_offsets, intptr_t first, intptr_t end, const int32_t *columns,
    const float *weights, const uint16_t *input, intptr_t dimension, float *output
) {
    for (intptr_t row = first; row < end; row++, output += dimension) {
        memset(output, 0, (size_t)dimension * sizeof *output);
        for (int64_t j = row_offsets[row]; j < row_offsets[row + 1]; j++) {
            const uint16_t *neighbour = input + (intptr_t)columns[j] * dimension;
            float weight = weights[j];
            for (intptr_t i = 0; i < dimension; i++) {
                output[i] += weight * half_to_float(neighbour[i]);
            }
        }
    }
}

static float dot(const float *a, const float *b, intptr_t count) {
    float sum = 0;
    for (intptr_t i = 0; i < count; i++) {
        sum += a[i] * b[i];
    }
    return sum;
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
    for (intptr_t i = 0; i < count; i++) {
        y[i] = a * x[i] + b * y[i];
    }
}

static uint64_t hits64(const float *scores, float threshold) {
    uint64_t hits = 0;
    for (int i = 0; i < 64; i++) {
        hits |= (uint64_t)(scores[i] > threshold) << i;
    }
    return hits;
}

const ck_functions ck_portable_functions = {
    spmm, spmm_half, dot, matrix_vector, scaled_add, hits64,
    ck_portable_int8_limits, ck_portable_int8_row_limits, ck_portable_int8_hits,
};
