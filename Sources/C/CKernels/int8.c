// Int8 codes of matrix rows: encoding, the plain scan, and exact scores of what a scan leaves open.
#include "int8.h"
#include "variants.h"

#include <float.h>
#include <math.h>
#include <string.h>

float ck_largest_magnitude(const float *values, intptr_t count) {
    // Without their sign, floats are ordered as integers; NaN and infinity come last.
    int32_t largest = 0;
    for (intptr_t i = 0; i < count; i++) {
        int32_t magnitude;
        memcpy(&magnitude, values + i, sizeof magnitude);
        magnitude &= INT32_MAX;
        largest = magnitude > largest ? magnitude : largest;
    }
    float result;
    memcpy(&result, &largest, sizeof result);
    return result <= FLT_MAX ? result : NAN;
}

enum { encoded_lanes = 16 };

// 1.5 · 2^23: adding it rounds a float of at most 2^22 to the nearest integer.
static const float rounding_magic = 0x1.8p23f;

/// Codes of one row; the squares of its residual and of its length, in units of the scale.
static void encode_row(
    const float *row, intptr_t dimension, float inverse, uint8_t *codes, float *residual,
    int32_t *length
) {
    float residuals[encoded_lanes] = {0};
    int32_t lengths[encoded_lanes] = {0};
    for (intptr_t start = 0; start < dimension; start += encoded_lanes) {
        float columns[encoded_lanes] = {0};
        uint8_t lanes[encoded_lanes];
        intptr_t left = dimension - start;
        if (left >= encoded_lanes) {
            memcpy(columns, row + start, sizeof columns);
        } else {
            memcpy(columns, row + start, (size_t)left * sizeof *columns);
        }
        for (int lane = 0; lane < encoded_lanes; lane++) {
            float scaled = columns[lane] * inverse;
            float code = (scaled + rounding_magic) - rounding_magic;
            int32_t integer = (int32_t)code;
            float rest = scaled - code;
            residuals[lane] += rest * rest;
            lengths[lane] += integer * integer;
            lanes[lane] = (uint8_t)(integer + int8_bias);
        }
        for (int lane = 0; lane < encoded_lanes && lane < left; lane += int8_group_columns) {
            memcpy(
                codes + (start + lane) / int8_group_columns * int8_group_bytes, lanes + lane,
                int8_group_columns
            );
        }
    }
    *residual = 0;
    *length = 0;
    for (int lane = 0; lane < encoded_lanes; lane++) {
        *residual += residuals[lane];
        *length += lengths[lane];
    }
}

void ck_int8_encode(
    const float *rows, intptr_t row_count, intptr_t dimension, double unit,
    intptr_t first, intptr_t end, uint8_t *codes, float *inverse_scales, float *residuals,
    float *lengths
) {
    intptr_t block_bytes = int8_group_count(dimension) * int8_group_bytes;
    // Blocks far below the largest row share a scale, and so do those whose inverse would overflow:
    // their codes are small or zero, the residual is what they have.
    double least_scale = fmax(unit * 0x1p-60, 0x1p-120);
    for (intptr_t block = first; block < end; block++) {
        intptr_t start = block * int8_block_rows;
        intptr_t count = row_count - start < int8_block_rows ? row_count - start : int8_block_rows;
        count = count > 0 ? count : 0;
        float largest = ck_largest_magnitude(rows + start * dimension, count * dimension);
        double scale = fmax(largest / 127.0, least_scale);
        float residual = 0;
        int32_t length = 0;
        uint8_t *block_codes = codes + block * block_bytes;
        memset(block_codes, int8_bias, (size_t)block_bytes);
        for (intptr_t row = 0; row < count; row++) {
            float row_residual;
            int32_t row_length;
            encode_row(
                rows + (start + row) * dimension, dimension, (float)(1 / scale),
                block_codes + row * int8_group_columns, &row_residual, &row_length
            );
            residual = row_residual > residual ? row_residual : residual;
            length = row_length > length ? row_length : length;
        }
        inverse_scales[block] = (float)(unit / scale);
        // A scaled number errs by 127 · 2^-23 at most, the sum of squares by 2^-12 relative.
        residuals[block] =
            (float)(sqrt(residual) * (1 + 0x1p-11) + sqrt((double)dimension) * 0x1p-15);
        lengths[block] = (float)(sqrt((double)length) * (1 + 0x1p-20));
    }
}

void ck_portable_int8_limits(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, int32_t *limits
) {
    int8_limits_inline(blocks, first, count, query, threshold, limits);
}

void ck_portable_int8_row_limits(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, float offset_scale, const float *offsets, int32_t *limits
) {
    int8_row_limits_inline(
        blocks, first, count, query, threshold, offset_scale, offsets, limits
    );
}

void ck_portable_int8_hits(
    const ck_int8_blocks *blocks, intptr_t first_word, intptr_t word_count, const int8_t *queries,
    intptr_t query_count, int32_t has_row_limits, const int32_t *limits, const uint64_t *mask,
    uint64_t *hits
) {
    intptr_t groups = int8_group_count(blocks->dimension);
    for (intptr_t query = 0; query < query_count; query++) {
        const int8_t *code = queries + query * blocks->query_stride;
        for (intptr_t word = 0; word < word_count; word++) {
            uint64_t found = 0;
            for (intptr_t block = 0; block < int8_word_blocks && !(mask && !mask[word]); block++) {
                intptr_t index = word * int8_word_blocks + block;
                const uint8_t *codes = blocks->codes
                    + (first_word * int8_word_blocks + index) * groups * int8_group_bytes;
                int32_t sums[int8_block_rows] = {0};
                for (intptr_t group = 0; group < groups; group++) {
                    for (intptr_t i = 0; i < int8_group_bytes; i++) {
                        sums[i / int8_group_columns] += codes[group * int8_group_bytes + i]
                            * code[group * int8_group_columns + i % int8_group_columns];
                    }
                }
                intptr_t at = query * word_count * int8_word_blocks + index;
                for (intptr_t row = 0; row < int8_block_rows; row++) {
                    int32_t limit = limits[has_row_limits ? at * int8_block_rows + row : at];
                    found |= (uint64_t)(sums[row] >= limit) << (block * int8_block_rows + row);
                }
            }
            hits[query * word_count + word] = found;
        }
    }
}

void ck_exact_scores(
    const float *rows, intptr_t dimension, const float *query, const int32_t *indices,
    intptr_t count, double *scores
) {
    enum { lane_count = 8, rows_ahead = 6 };
    for (intptr_t i = 0; i < count; i++) {
        if (i + rows_ahead < count) {
            ck_prefetch_row(
                rows + indices[i + rows_ahead] * dimension, dimension * (intptr_t)sizeof *rows
            );
        }
        const float *row = rows + indices[i] * dimension;
        // A product of two floats is exact in double, so only the order of the sums matters.
        double sums[lane_count] = {0};
        intptr_t column = 0;
        for (; column + lane_count <= dimension; column += lane_count) {
            for (intptr_t lane = 0; lane < lane_count; lane++) {
                sums[lane] += (double)row[column + lane] * query[column + lane];
            }
        }
        for (intptr_t lane = 0; column < dimension; column++, lane++) {
            sums[lane] += (double)row[column] * query[column];
        }
        scores[i] = ((sums[0] + sums[4]) + (sums[2] + sums[6]))
            + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    }
}
