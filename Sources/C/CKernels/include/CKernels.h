// Kernels in C: they check and allocate nothing; the Swift caller checks lengths once a call.
// Matrices are row-major; pointers need no alignment; outputs must not overlap inputs.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

/// Which instructions to use. The Swift caller asks `ck_is_supported` before it uses one.
typedef enum ck_variant : int32_t {
    ck_variant_portable = 0,  // plain C, built for the oldest CPU of the platform
    ck_variant_avx2 = 1,      // AVX2 + FMA + F16C
    ck_variant_avx512 = 2,    // AVX-512F
    ck_variant_neon = 3,      // aarch64
} ck_variant;

int32_t ck_is_supported(ck_variant variant);

/// Whether rows first..<end of a CSR matrix are safe to multiply: offsets rise within
/// 0...column_count, every column lies in 0..<input_rows.
int32_t ck_csr_is_valid(
    const int64_t *row_offsets, intptr_t first, intptr_t end,
    const int32_t *columns, int64_t column_count, int64_t input_rows
);

/// output[r - first, :] = Σ_j weights[j] · input[columns[j], :] for rows r in first..<end.
/// Neighbours are added in the order of `columns`, one fused multiply-add each (portable: a
/// product, then a sum), so the result does not depend on how rows are spread over threads.
void ck_spmm(
    ck_variant variant, const int64_t *row_offsets, intptr_t first, intptr_t end,
    const int32_t *columns, const float *weights, const float *input, intptr_t dimension,
    float *output
);

/// The same with rows of IEEE half floats; sums are f32.
void ck_spmm_half(
    ck_variant variant, const int64_t *row_offsets, intptr_t first, intptr_t end,
    const int32_t *columns, const float *weights, const uint16_t *input, intptr_t dimension,
    float *output
);

/// Σ_i a[i] · b[i]. All SIMD variants sum in 32 lanes, then in one fixed tree: the same bits.
float ck_dot(ck_variant variant, const float *a, const float *b, intptr_t count);

/// output[r] = dot(matrix[r, :], vector), the same bits as `ck_dot`.
void ck_matrix_vector(
    ck_variant variant, const float *matrix, intptr_t row_count, intptr_t dimension,
    const float *vector, float *output
);

/// y = a · x + b · y; with b = 1 one fused multiply-add, so y + a · x.
void ck_scaled_add(
    ck_variant variant, float a, const float *x, float b, float *y, intptr_t count
);

/// Finds the first group of 64 scores, from group `group` on, with a score > threshold whose bit
/// in `mask` is set (no mask: every bit). Sets `hits` to the bits found and returns the group, or
/// the number of groups if there is none. A NaN is never a hit.
intptr_t ck_next_hits(
    ck_variant variant, const float *scores, intptr_t count, const uint64_t *mask,
    float threshold, intptr_t group, uint64_t *hits
);

/// values[i] = exp(values[i] − largest), with `largest` set to the largest of them; returns their
/// sum. At least one value, none NaN. What is more than 87 below the largest gives exp(−87).
float ck_exponentials(float *values, intptr_t count, float *largest);

/// Below, a spline is a piecewise linear function of a position ≥ 0: 2 to `ck_max_knots` knots, the first
/// at position 0, the next ones 1 / scale apart; level beyond the last. All variants agree within rounding.
enum { ck_max_knots = 16 };

/// scores[i] += first_sums[first[i]] + second_sums[second[i]].
void ck_add_rows(
    ck_variant variant, intptr_t count, const int32_t *first, const float *first_sums,
    const int32_t *second, const float *second_sums, float *scores
);

/// scores[i] += spline(max(0, column[i] + offset)).
void ck_add_shifted(
    ck_variant variant, intptr_t count, const float *column, float offset, const float *knots,
    int32_t knot_count, float scale, float *scores
);

/// scores[i] += spline(log2(1 + column[i] · factor)).
void ck_add_logs(
    ck_variant variant, intptr_t count, const float *column, float factor, const float *knots,
    int32_t knot_count, float scale, float *scores
);

/// scores[i] += spline(max(0, 5 + log2((part[i] + prior · share) / ((whole[i] + prior) · share)))).
void ck_add_lifts(
    ck_variant variant, intptr_t count, const float *part, const float *whole, float share,
    float prior, const float *knots, int32_t knot_count, float scale, float *scores
);

/// Where is_placed[i] > 0, scores[i] += spline(log2 √(1 + (d / 50 m)²)) of the chord d from a point, all
/// on the unit sphere.
void ck_add_distances(
    ck_variant variant, intptr_t count, const float *x, const float *y, const float *z,
    const float *is_placed, const float *point, const float *knots, int32_t knot_count,
    float scale, float *scores
);

/// CRC-32C (Castagnoli, reflected, RFC 3720) of `count` bytes, going on from `crc` (0 to begin).
uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, intptr_t count);
/// The same without special instructions: what the fast one is tested against.
uint32_t ck_crc32c_portable(uint32_t crc, const uint8_t *bytes, intptr_t count);

#endif
