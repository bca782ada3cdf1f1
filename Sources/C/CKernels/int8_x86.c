// The int8 scan for x86-64: AVX2, AVX-512 VNNI, and AMX tiles where many queries share a pass.
#include "int8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512vnni")))
#define AMX __attribute__((target("avx512f,avx512vnni,amx-tile,amx-int8")))

AVX2 void ck_avx2_int8_limits(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, int32_t *limits
) {
    int8_limits_inline(blocks, first, count, query, threshold, limits);
}

AVX2 void ck_avx2_int8_row_limits(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, float offset_scale, const float *offsets, int32_t *limits
) {
    int8_row_limits_inline(
        blocks, first, count, query, threshold, offset_scale, offsets, limits
    );
}

AVX512 void ck_avx512_int8_limits(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, int32_t *limits
) {
    int8_limits_inline(blocks, first, count, query, threshold, limits);
}

AVX512 void ck_avx512_int8_row_limits(
    const ck_int8_blocks *blocks, intptr_t first, intptr_t count, ck_int8_query query,
    float threshold, float offset_scale, const float *offsets, int32_t *limits
) {
    int8_row_limits_inline(
        blocks, first, count, query, threshold, offset_scale, offsets, limits
    );
}

// Bytes 0 and 2, or 1 and 3, of each lane as two 16-bit factors: no product saturates, as those of
// vpmaddubsw would.
AVX2 static inline __m256i pair(int8_t low, int8_t high) {
    return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)low | (uint32_t)(uint16_t)high << 16));
}

AVX2 static uint64_t avx2_word(
    const uint8_t *codes, intptr_t groups, const int8_t *query, int32_t has_row_limits,
    const int32_t *limits
) {
    enum { half_count = int8_word_blocks * 2, half_bytes = int8_group_bytes / 2 };
    const __m256i even_bytes = _mm256_set1_epi16(0xff);
    __m256i sums[half_count];
    for (int half = 0; half < half_count; half++) sums[half] = _mm256_setzero_si256();
    for (intptr_t group = 0; group < groups; group++) {
        const int8_t *factors = query + group * int8_group_columns;
        __m256i even = pair(factors[0], factors[2]), odd = pair(factors[1], factors[3]);
        for (int half = 0; half < half_count; half++) {
            const uint8_t *at = codes + (half / 2 * groups + group) * int8_group_bytes
                + half % 2 * half_bytes;
            if (half % 2 == 0) _mm_prefetch((const char *)at + int8_prefetch_bytes, _MM_HINT_T0);
            __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
            __m256i low = _mm256_madd_epi16(_mm256_and_si256(bytes, even_bytes), even);
            __m256i high = _mm256_madd_epi16(_mm256_srli_epi16(bytes, 8), odd);
            sums[half] = _mm256_add_epi32(sums[half], _mm256_add_epi32(low, high));
        }
    }
    uint64_t hits = 0;
    for (int half = 0; half < half_count; half++) {
        __m256i limit = has_row_limits
            ? _mm256_loadu_si256((const __m256i *)(limits + half * int8_block_rows / 2))
            : _mm256_set1_epi32(limits[half / 2]);
        __m256i below = _mm256_cmpgt_epi32(limit, sums[half]);
        uint32_t bits = ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(below)) & 0xff;
        hits |= (uint64_t)bits << (half * 8);
    }
    return hits;
}

AVX2 void ck_avx2_int8_hits(
    const ck_int8_blocks *blocks, intptr_t first_word, intptr_t word_count, const int8_t *queries,
    intptr_t query_count, int32_t has_row_limits, const int32_t *limits, const uint64_t *mask,
    uint64_t *hits
) {
    intptr_t groups = int8_group_count(blocks->dimension);
    intptr_t word_bytes = groups * int8_group_bytes * int8_word_blocks;
    for (intptr_t query = 0; query < query_count; query++) {
        const uint8_t *codes = blocks->codes + first_word * word_bytes;
        for (intptr_t word = 0; word < word_count; word++, codes += word_bytes) {
            intptr_t at = query * word_count + word;
            hits[at] = mask && !mask[word]
                ? 0
                : avx2_word(
                    codes, groups, queries + query * blocks->query_stride, has_row_limits,
                    limits + at * (has_row_limits ? int8_word_rows : int8_word_blocks)
                );
        }
    }
}

// One word of 64 rows for `count` queries at once: 4 · count sums stay in registers.
AVX512 __attribute__((always_inline)) static inline void avx512_word(
    intptr_t count, const uint8_t *codes, intptr_t groups, const int8_t *queries, intptr_t stride,
    int32_t has_row_limits, const int32_t *limits, uint64_t *hits, intptr_t word_count
) {
    __m512i sums[int8_word_blocks][4];
    for (intptr_t query = 0; query < count; query++) {
        for (int block = 0; block < int8_word_blocks; block++) {
            sums[block][query] = _mm512_setzero_si512();
        }
    }
    for (intptr_t group = 0; group < groups; group++) {
        __m512i bytes[int8_word_blocks];
        for (int block = 0; block < int8_word_blocks; block++) {
            const uint8_t *at = codes + (block * groups + group) * int8_group_bytes;
            if (count == 1) _mm_prefetch((const char *)at + int8_prefetch_bytes, _MM_HINT_T0);
            bytes[block] = _mm512_loadu_si512(at);
        }
        for (intptr_t query = 0; query < count; query++) {
            int32_t factors;
            memcpy(&factors, queries + query * stride + group * int8_group_columns, sizeof factors);
            __m512i lanes = _mm512_set1_epi32(factors);
            for (int block = 0; block < int8_word_blocks; block++) {
                sums[block][query] = _mm512_dpbusd_epi32(sums[block][query], bytes[block], lanes);
            }
        }
    }
    for (intptr_t query = 0; query < count; query++) {
        const int32_t *query_limits = limits + query * word_count * int8_word_blocks;
        uint64_t found = 0;
        for (int block = 0; block < int8_word_blocks; block++) {
            __m512i limit = has_row_limits
                ? _mm512_loadu_si512(query_limits + block * int8_block_rows)
                : _mm512_set1_epi32(query_limits[block]);
            uint64_t bits = _mm512_cmp_epi32_mask(sums[block][query], limit, _MM_CMPINT_NLT);
            found |= bits << (block * int8_block_rows);
        }
        hits[query * word_count] = found;
    }
}

AVX512 __attribute__((always_inline)) static inline void avx512_words(
    intptr_t count, const uint8_t *codes, intptr_t groups, intptr_t word_count,
    const int8_t *queries, intptr_t stride, int32_t has_row_limits, const int32_t *limits,
    const uint64_t *mask, uint64_t *hits
) {
    intptr_t word_bytes = groups * int8_group_bytes * int8_word_blocks;
    for (intptr_t word = 0; word < word_count; word++, codes += word_bytes) {
        if (mask && !mask[word]) {
            for (intptr_t query = 0; query < count; query++) hits[query * word_count + word] = 0;
            continue;
        }
        avx512_word(
            count, codes, groups, queries, stride, has_row_limits,
            limits + word * (has_row_limits ? int8_word_rows : int8_word_blocks), hits + word,
            word_count
        );
    }
}

AVX512 void ck_avx512_int8_hits(
    const ck_int8_blocks *blocks, intptr_t first_word, intptr_t word_count, const int8_t *queries,
    intptr_t query_count, int32_t has_row_limits, const int32_t *limits, const uint64_t *mask,
    uint64_t *hits
) {
    intptr_t groups = int8_group_count(blocks->dimension), stride = blocks->query_stride;
    const uint8_t *codes =
        blocks->codes + first_word * groups * int8_group_bytes * int8_word_blocks;
    intptr_t query = 0;
    for (; query + 4 <= query_count; query += 4) {
        avx512_words(
            4, codes, groups, word_count, queries + query * stride, stride, 0,
            limits + query * word_count * int8_word_blocks, mask, hits + query * word_count
        );
    }
    if (has_row_limits) {
        avx512_words(
            1, codes, groups, word_count, queries, stride, 1, limits, mask, hits
        );
        return;
    }
    for (; query < query_count; query++) {
        avx512_words(
            1, codes, groups, word_count, queries + query * stride, stride, 0,
            limits + query * word_count * int8_word_blocks, mask, hits + query * word_count
        );
    }
}

enum { tile_rows = 16, tile_bytes = 64, tile_queries = 2 * tile_rows };

// Every tile is whole: 16 rows of 64 bytes.
AMX static void load_configuration(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t row_counts[16];
    } tiles = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        tiles.row_bytes[tile] = tile_bytes;
        tiles.row_counts[tile] = tile_rows;
    }
    _tile_loadconfig(&tiles);
}

// Sums of 32 queries with two blocks: tiles 0, 1 hold queries, 2, 3 blocks (which lie in memory as
// the instruction wants its right side), 4...7 sums.
AMX static void amx_sums(
    const uint8_t *block, intptr_t block_bytes, const int8_t *queries, intptr_t stride,
    int32_t sums[4][tile_rows * int8_block_rows]
) {
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
    // The last step reads past the block where 64 does not divide its columns: the factors there
    // are zero.
    for (intptr_t byte = 0; byte < block_bytes; byte += tile_rows * tile_bytes) {
        const int8_t *columns = queries + byte / int8_block_rows;
        _tile_loadd(0, columns, stride);
        _tile_loadd(1, columns + tile_rows * stride, stride);
        _tile_loadd(2, block + byte, tile_bytes);
        _tile_loadd(3, block + block_bytes + byte, tile_bytes);
        _tile_dpbsud(4, 0, 2);
        _tile_dpbsud(5, 0, 3);
        _tile_dpbsud(6, 1, 2);
        _tile_dpbsud(7, 1, 3);
    }
    _tile_stored(4, sums[0], tile_bytes);
    _tile_stored(5, sums[1], tile_bytes);
    _tile_stored(6, sums[2], tile_bytes);
    _tile_stored(7, sums[3], tile_bytes);
}

AMX void ck_amx_int8_hits(
    const ck_int8_blocks *blocks, intptr_t first_word, intptr_t word_count, const int8_t *queries,
    intptr_t query_count, int32_t has_row_limits, const int32_t *limits, const uint64_t *mask,
    uint64_t *hits
) {
    // Below, half of the tiles would be empty.
    if (query_count <= tile_rows / 2) {
        ck_avx512_int8_hits(
            blocks, first_word, word_count, queries, query_count, has_row_limits, limits, mask,
            hits
        );
        return;
    }
    intptr_t block_bytes = int8_group_count(blocks->dimension) * int8_group_bytes;
    intptr_t block_count = word_count * int8_word_blocks;
    const uint8_t *codes = blocks->codes + first_word * int8_word_blocks * block_bytes;
    int32_t sums[4][tile_rows * int8_block_rows] __attribute__((aligned(64)));
    load_configuration();
    for (intptr_t first = 0; first < query_count; first += tile_queries) {
        intptr_t count = query_count - first < tile_queries ? query_count - first : tile_queries;
        for (intptr_t block = 0; block < block_count; block += 2) {
            amx_sums(
                codes + block * block_bytes, block_bytes, queries + first * blocks->query_stride,
                blocks->query_stride, sums
            );
            for (intptr_t query = 0; query < count; query++) {
                const int32_t *of_query =
                    sums[query / tile_rows * 2] + query % tile_rows * int8_block_rows;
                intptr_t at = (first + query) * block_count + block;
                __mmask16 low = _mm512_cmp_epi32_mask(
                    _mm512_load_si512(of_query), _mm512_set1_epi32(limits[at]), _MM_CMPINT_NLT
                );
                __mmask16 high = _mm512_cmp_epi32_mask(
                    _mm512_load_si512(of_query + tile_rows * int8_block_rows),
                    _mm512_set1_epi32(limits[at + 1]), _MM_CMPINT_NLT
                );
                uint32_t bits = (uint32_t)low | (uint32_t)high << int8_block_rows;
                memcpy((char *)hits + at * (intptr_t)sizeof(uint16_t), &bits, sizeof bits);
            }
        }
    }
    _tile_release();
}
#endif
