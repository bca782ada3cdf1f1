// Prints a digest of what one variant of every kernel makes of the same numbers. The SIMD variants
// promise the same bits, so that two processors must print the same lines.
//
//     check-neon VARIANT     a number of ck_variant
#include "CKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most = 4096 };

static uint64_t state = 1;

static uint64_t next(void) {  // SplitMix64
    uint64_t mixed = state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

/// Mostly in -1..<1, with denormals, infinities and NaN where `odd`.
static float number(int odd) {
    uint64_t bits = next();
    if (odd && bits % 64 == 0) return NAN;
    if (odd && bits % 64 == 1) return bits & 128 ? INFINITY : -INFINITY;
    if (odd && bits % 64 < 8) return (float)(bits >> 48) * 0x1p-149f;
    return (float)((double)(int32_t)(bits >> 32) * 0x1p-31);
}

static uint64_t digest;

static void add(const void *bytes, size_t count) {  // FNV-1a
    for (size_t i = 0; i < count; i++) digest = (digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3u;
}

static void add_floats(const float *values, intptr_t count) {
    for (intptr_t i = 0; i < count; i++) {
        float value = isnan(values[i]) ? NAN : values[i];  // NaN of one form
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        add(&bits, sizeof bits);
    }
}

static void report(const char *name) {
    printf("%s %016llx\n", name, (unsigned long long)digest);
    digest = 0xCBF29CE484222325u;
}

static const intptr_t lengths[] = {0,  1,  2,  3,  4,  5,  7,  8,  9,  15, 16, 17,  31,  32, 33,
                                   47, 48, 49, 63, 64, 65, 79, 80, 81, 96, 127, 128, 129, 200};
enum { length_count = sizeof lengths / sizeof *lengths };

static float left[most + 4], right[most + 4], output[most + 4];
static uint16_t halves[most + 4];

static void fill(int odd) {
    for (int i = 0; i < most + 4; i++) {
        left[i] = number(odd);
        right[i] = number(odd);
        output[i] = number(odd);
        halves[i] = (uint16_t)next();
    }
}

static void dense(ck_variant variant) {
    for (int odd = 0; odd < 2; odd++) {
        for (int i = 0; i < length_count; i++) {
            for (int start = 0; start < 4; start++) {
                fill(odd);
                float sum = ck_dot(variant, left + start, right + start, lengths[i]);
                add_floats(&sum, 1);
                ck_scaled_add(variant, left[9], right + start, 1, output + start, lengths[i]);
                add_floats(output, most);
                ck_matrix_vector(variant, left + start, 11, lengths[i], right, output);
                add_floats(output, 11);
                uint64_t hits = 0;
                intptr_t group = ck_next_hits(variant, left + start, lengths[i], 0, 0.25f, 0, &hits);
                add(&group, sizeof group);
                add(&hits, sizeof hits);
            }
        }
    }
    report("dense");
}

static void sparse(ck_variant variant) {
    enum { row_count = 9 };
    for (int odd = 0; odd < 2; odd++) {
        for (int i = 0; i < length_count; i++) {
            intptr_t dimension = lengths[i], input_rows = most / (dimension ? dimension : 1);
            int64_t offsets[row_count + 1] = {0};
            int32_t columns[256];
            fill(odd);
            for (int row = 0; row < row_count; row++) {
                offsets[row + 1] = offsets[row] + (int64_t)(row ? next() % 25 : 0);
            }
            for (int entry = 0; entry < offsets[row_count]; entry++) {
                columns[entry] = (int32_t)(next() % (uint64_t)input_rows);
            }
            ck_spmm(
                variant, offsets, 0, row_count, columns, right, left + 1, dimension, output
            );
            add_floats(output, row_count * dimension);
            ck_spmm_half(
                variant, offsets, 0, row_count, columns, right, halves + 1, dimension, output
            );
            add_floats(output, row_count * dimension);
        }
    }
    report("sparse");
}

/// Every half, as the product by 1 of a row that holds it.
static void conversion(ck_variant variant) {
    int64_t offsets[2] = {0, 1};
    int32_t column = 0;
    float one = 1;
    for (uint32_t first = 0; first < 65536; first += 67) {
        uint16_t row[67];
        for (uint32_t i = 0; i < 67; i++) row[i] = (uint16_t)(first + i);
        ck_spmm_half(variant, offsets, 0, 1, &column, &one, row, 67, output);
        add_floats(output, 67);
    }
    report("halves");
}

static void int8(ck_variant variant) {
    enum { row_count = 300, word_count = 5, query_count = 37, stride = 256 };
    for (int i = 1; i < length_count; i++) {
        intptr_t dimension = lengths[i];
        intptr_t code_bytes = word_count * 64 * ((dimension + 3) / 4 * 4) + 1024;
        float *rows = malloc(sizeof *rows * (size_t)(row_count * dimension));
        uint8_t *codes = malloc((size_t)code_bytes);
        static float errors[3][word_count * 4];
        static int8_t queries[64 * stride];
        static int32_t limits[query_count * word_count * 4];
        static uint64_t hits[query_count * word_count], mask[word_count] = {~0ull, 0, 1, 2, ~0ull};
        for (intptr_t j = 0; j < row_count * dimension; j++) rows[j] = number(0);
        memset(codes, 128, (size_t)code_bytes);
        ck_int8_encode(
            rows, row_count, dimension, 1, 0, word_count * 4, codes, errors[0], errors[1], errors[2]
        );
        memset(queries, 0, sizeof queries);
        for (int query = 0; query < query_count; query++) {
            for (intptr_t column = 0; column < dimension; column++) {
                queries[query * stride + column] = (int8_t)(next() % 255 - 127);
            }
            int32_t sum = 0;
            for (intptr_t column = 0; column < dimension; column++) {
                sum += queries[query * stride + column];
            }
            for (int block = 0; block < word_count * 4; block++) {
                limits[query * word_count * 4 + block] = 128 * sum + (int32_t)(next() % 8192);
            }
        }
        ck_int8_blocks blocks = {codes, errors[0], errors[1], errors[2], dimension, stride};
        ck_int8_hits(variant, &blocks, 0, word_count, queries, query_count, 0, limits, 0, hits);
        add(hits, sizeof hits);
        for (int rows = 0; rows < 2; rows++) {
            ck_int8_hits(variant, &blocks, 0, word_count, queries, 1, rows, limits, mask, hits);
            add(hits, sizeof *hits * word_count);
        }
        add(codes, (size_t)(word_count * 64 * ((dimension + 3) / 4 * 4)));
        int32_t indices[3] = {299, 0, 17};
        double scores[3];
        ck_exact_scores(rows, dimension, rows + dimension, indices, 3, scores);
        add(scores, sizeof scores);
        free(rows);
        free(codes);
    }
    report("int8");
}

int main(int count, char **arguments) {
    ck_variant variant = (ck_variant)(count > 1 ? atoi(arguments[1]) : 0);
    if (!ck_is_supported(variant)) {
        fprintf(stderr, "check-neon: this CPU lacks variant %d\n", (int)variant);
        return 2;
    }
    digest = 0xCBF29CE484222325u;
    dense(variant);
    sparse(variant);
    conversion(variant);
    int8(variant);
}
