// Kernels in C: they check and allocate nothing; the Swift caller checks lengths once a call.
// Matrices are row-major; pointers need no alignment; outputs must not overlap inputs.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

/// Which instructions to use. The Swift caller asks `ck_is_supported` before it uses one.
typedef enum ck_variant : int32_t {
    ck_variant_portable = 0,  // plain C, built for the oldest CPU of the platform
    ck_variant_avx2 = 1,      // AVX2 + FMA + F16C
    ck_variant_avx512 = 2,    // AVX-512F + VNNI
    ck_variant_neon = 3,      // aarch64
    ck_variant_amx = 4,       // AVX-512 and AMX int8 tiles, the latter for several queries at once
} ck_variant;

/// AMX: asks Linux for the tile registers, which it saves only for processes that did.
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

/// Reads the rows that entries first..<end of `columns` name and returns the XOR of their words: what
/// a product must read of its input at least, to hold it against. `row_bytes`: a multiple of 16.
uint64_t ck_gathered_words(
    const int32_t *columns, intptr_t first, intptr_t end, const void *rows, intptr_t row_bytes
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

/// Rows coded in eight bits, for `ck_int8_hits`. Row r of block b is about
/// unit / inverse_scales[b] · (code − 128).
///
/// A block is 16 rows and a word four blocks; the rows are padded to whole words. A block's codes are
/// ceil(dimension / 4) groups of 64 bytes: four columns of row 0, four of row 1, …; columns past
/// the dimension hold 128. 1,024 bytes after the last block may be read.
typedef struct ck_int8_blocks {
    const uint8_t *codes;
    /// One a block: unit / scale; the largest |x / scale − code| (Euclidean length) of a row, and the
    /// largest length of a row of codes, both rounded up.
    const float *inverse_scales, *residuals, *lengths;
    intptr_t dimension;
    /// Bytes from one query's codes to the next: a multiple of 64, at least the dimension.
    intptr_t query_stride;
} ck_int8_blocks;

/// One query as `ck_int8_limits` needs it, in units of its scale t.
typedef struct ck_int8_query {
    float length;    ///< ‖q / t‖, rounded up
    float residual;  ///< ‖q / t − codes‖, rounded up
    float slack;     ///< above the rounding of the limits, in products of codes
    int32_t bias;    ///< 128 · Σ codes
} ck_int8_query;

/// The largest |value|, 0 for none; NaN where one is NaN or infinite.
float ck_largest_magnitude(const float *values, intptr_t count);

/// Codes blocks first..<end of finite rows: scale = largest |x| of the block / 127, at least
/// unit · 2^-60 and 2^-120. The four outputs begin at block 0.
void ck_int8_encode(
    const float *rows, intptr_t row_count, intptr_t dimension, double unit,
    intptr_t first, intptr_t end, uint8_t *codes, float *inverse_scales, float *residuals,
    float *lengths
);

/// For blocks first..<first + count the least sum Σ code · query code that a row whose score reaches
/// `threshold` · t · unit can have; Int8Index.swift has the proof.
void ck_int8_limits(
    ck_variant variant, const ck_int8_blocks *blocks, intptr_t first, intptr_t count,
    ck_int8_query query, float threshold, int32_t *limits
);

/// The same for scores that are `offset_scale` · offsets[row] larger, in the same units: one limit a
/// row. Offsets begin at the first row of block `first` and fill the blocks; all are finite.
void ck_int8_row_limits(
    ck_variant variant, const ck_int8_blocks *blocks, intptr_t first, intptr_t count,
    ck_int8_query query, float threshold, float offset_scale, const float *offsets, int32_t *limits
);

/// Sets bit r % 64 of hits[q][r / 64] where the sum of row r, from word `first_word` on, reaches
/// limits[q][r / 16]; limits[r] where `has_row_limits`, for one query. The codes are read once for
/// all queries.
///
/// - queries: codes of the queries, zero past the dimension; rows of zeros up to a multiple of 32.
/// - mask: one word a word; where it is zero, hits are zero and codes unread. NULL: none is zero.
void ck_int8_hits(
    ck_variant variant, const ck_int8_blocks *blocks, intptr_t first_word, intptr_t word_count,
    const int8_t *queries, intptr_t query_count, int32_t has_row_limits, const int32_t *limits,
    const uint64_t *mask, uint64_t *hits
);

/// scores[i] = Σ_c rows[indices[i]][c] · query[c] in double, in one order: the same bits everywhere.
void ck_exact_scores(
    const float *rows, intptr_t dimension, const float *query, const int32_t *indices,
    intptr_t count, double *scores
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

/// scores[i] += spline(column[i · stride]) where that is at least `least` ≥ 0.
void ck_add_strided(
    ck_variant variant, intptr_t count, const float *column, int32_t stride, float least,
    const float *knots, int32_t knot_count, float scale, float *scores
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
