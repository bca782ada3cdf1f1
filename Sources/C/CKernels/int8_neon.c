// The int8 scan for aarch64, with the instructions that every such CPU has.
#include "int8.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

// Sixteen rows: lane r of sums[q] is row 4 q + r.
static uint32_t neon_block(
    const uint8_t *codes, intptr_t groups, const int8_t *query, int32_t has_row_limits,
    const int32_t *limits
) {
    const uint8x16_t bias = vdupq_n_u8(int8_bias);
    // Sums of the codes without their bias; the limit is of the sums with it.
    int32x4_t sums[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
    int32_t query_sum = 0;
    for (intptr_t group = 0; group < groups; group++) {
        int32_t factors;
        memcpy(&factors, query + group * int8_group_columns, sizeof factors);
        for (int lane = 0; lane < int8_group_columns; lane++) {
            query_sum += query[group * int8_group_columns + lane];
        }
        int8x16_t lanes = vreinterpretq_s8_s32(vdupq_n_s32(factors));
        for (int quarter = 0; quarter < 4; quarter++) {
            uint8x16_t biased = vld1q_u8(codes + group * int8_group_bytes + quarter * 16);
            int8x16_t bytes = vreinterpretq_s8_u8(veorq_u8(biased, bias));
            int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(bytes), vget_low_s8(lanes)));
            int32x4_t high = vpaddlq_s16(vmull_s8(vget_high_s8(bytes), vget_high_s8(lanes)));
            sums[quarter] = vaddq_s32(sums[quarter], vpaddq_s32(low, high));
        }
    }
    int32x4_t bias_sum = vdupq_n_s32(int8_bias * query_sum);
    static const uint32_t lane_bits[4] = {1, 2, 4, 8};
    uint32_t hits = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
        int32x4_t limit = has_row_limits ? vld1q_s32(limits + quarter * 4) : vdupq_n_s32(*limits);
        uint32x4_t reached = vcgeq_s32(vaddq_s32(sums[quarter], bias_sum), limit);
        uint32x4_t found = vandq_u32(reached, vld1q_u32(lane_bits));
        hits |= vaddvq_u32(found) << (quarter * 4);
    }
    return hits;
}

void ck_neon_int8_hits(
    const ck_int8_blocks *blocks, intptr_t first_word, intptr_t word_count, const int8_t *queries,
    intptr_t query_count, int32_t has_row_limits, const int32_t *limits, const uint64_t *mask,
    uint64_t *hits
) {
    intptr_t groups = int8_group_count(blocks->dimension);
    intptr_t block_bytes = groups * int8_group_bytes;
    const uint8_t *codes = blocks->codes + first_word * int8_word_blocks * block_bytes;
    for (intptr_t query = 0; query < query_count; query++) {
        const int8_t *code = queries + query * blocks->query_stride;
        for (intptr_t word = 0; word < word_count; word++) {
            uint64_t found = 0;
            for (intptr_t block = 0; block < int8_word_blocks && !(mask && !mask[word]); block++) {
                intptr_t index = word * int8_word_blocks + block;
                __builtin_prefetch(codes + index * block_bytes + int8_prefetch_bytes);
                intptr_t at = query * word_count * int8_word_blocks + index;
                uint64_t bits = neon_block(
                    codes + index * block_bytes, groups, code, has_row_limits,
                    limits + (has_row_limits ? at * int8_block_rows : at)
                );
                found |= bits << (block * int8_block_rows);
            }
            hits[query * word_count + word] = found;
        }
    }
}
#endif
