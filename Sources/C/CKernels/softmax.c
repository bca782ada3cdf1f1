// Exponentials of a row of logits, in plain C that the compiler turns into SIMD.
#include "CKernels.h"

#include <string.h>

// exp(x) for x ≤ 0, within 2 units in the last place; below −87 it stays at exp(−87) ≈ 1.6e−38.
//
// x = n·ln 2 + r with |r| ≤ ln 2 / 2, and exp(r) by the polynomial of Cephes' expf.
static inline float exponential(float x) {
    const float magic = 0x1.8p23f;  // its last bit is worth 1, so that adding it rounds
    x = x < -87 ? -87 : x;
    float shifted = x * 0x1.715476p+0f + magic;
    float n = shifted - magic;
    // ln 2 in two parts, so that n times the first is exact.
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float y = 1.9875691500e-4f;
    y = y * r + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = y * r * r + r + 1;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)((uint32_t)(bits - 0x4B400000 + 127) << 23);  // 2^n
    float power;
    memcpy(&power, &bits, sizeof power);
    return y * power;
}

enum { lanes = 16 };

// Lanes, so that the order of sums does not depend on the width of the instructions.
float ck_exponentials(float *values, intptr_t count, float *largest) {
    intptr_t whole = count - count % lanes;
    float tops[lanes], sums[lanes] = {0};
    for (int lane = 0; lane < lanes; lane++) tops[lane] = values[0];
    for (intptr_t i = 0; i < whole; i += lanes) {
        for (int lane = 0; lane < lanes; lane++) {
            float value = values[i + lane];
            tops[lane] = value > tops[lane] ? value : tops[lane];
        }
    }
    float top = tops[0];
    for (int lane = 1; lane < lanes; lane++) top = tops[lane] > top ? tops[lane] : top;
    for (intptr_t i = whole; i < count; i++) top = values[i] > top ? values[i] : top;
    for (intptr_t i = 0; i < whole; i += lanes) {
        for (int lane = 0; lane < lanes; lane++) {
            float value = exponential(values[i + lane] - top);
            values[i + lane] = value;
            sums[lane] += value;
        }
    }
    for (intptr_t i = whole; i < count; i++) {
        values[i] = exponential(values[i] - top);
        sums[i - whole] += values[i];
    }
    float sum = 0;
    for (int lane = 0; lane < lanes; lane++) sum += sums[lane];
    *largest = top;
    return sum;
}
