// What piecewise linear functions of an item's columns add to its score: the dense part of the
// chronotope model. AVX-512 looks sixteen knots up with one permutation; elsewhere plain C.
#include "variants.h"

#include <string.h>

#define INLINE __attribute__((always_inline)) static inline

// Knots, and the rise from each to the next, padded so that one register holds either.
typedef struct table {
    float scale, last;
    float low[ck_max_knots], step[ck_max_knots];
} table;

static table table_of(const float *knots, int32_t knot_count, float scale) {
    table made = {.scale = scale, .last = (float)(knot_count - 1)};
    for (int32_t knot = 0; knot < knot_count; knot++) {
        made.low[knot] = knots[knot];
        made.step[knot] = knot + 1 < knot_count ? knots[knot + 1] - knots[knot] : 0;
    }
    return made;
}

// log2 within 1e-4, as fastLog2 in Swift.
INLINE float log2_of(float number) {
    int32_t bits;
    memcpy(&bits, &number, sizeof bits);
    float exponent = (float)((bits >> 23) - 127);
    bits = (bits & 0x7FFFFF) | 0x3F800000;
    float m;
    memcpy(&m, &bits, sizeof m);
    float value = -2.5128774f
        + (4.0701350f + (-2.1206994f + (0.64514372f - 0.08161449f * m) * m) * m) * m;
    return exponent + (value > 0 ? value : 0);
}

INLINE float value_at(const table *t, float position) {
    float scaled = position * t->scale;
    scaled = scaled < t->last ? scaled : t->last;
    int knot = (int)scaled, most = (int)t->last - 1;
    knot = knot < most ? knot : most;
    return t->low[knot] + (scaled - (float)knot) * t->step[knot];
}

// (6,371,010 m / 50 m)²: squared chords of the unit sphere in units of 50 m.
static const float chord_scale = (6371010.f / 50) * (6371010.f / 50);

INLINE void rows_from(
    intptr_t i, intptr_t count, const int32_t *first, const float *first_sums,
    const int32_t *second, const float *second_sums, float *scores
) {
    for (; i < count; i++) scores[i] += first_sums[first[i]] + second_sums[second[i]];
}

INLINE void strided_from(
    intptr_t i, intptr_t count, const float *column, int32_t stride, float least, const table *t,
    float *scores
) {
    for (; i < count; i++) {
        float position = column[i * stride];
        if (position >= least) scores[i] += value_at(t, position);
    }
}

INLINE void shifted_from(
    intptr_t i, intptr_t count, const float *column, float offset, const table *t, float *scores
) {
    for (; i < count; i++) {
        float position = column[i] + offset;
        scores[i] += value_at(t, position > 0 ? position : 0);
    }
}

INLINE void logs_from(
    intptr_t i, intptr_t count, const float *column, float factor, const table *t, float *scores
) {
    for (; i < count; i++) scores[i] += value_at(t, log2_of(1 + column[i] * factor));
}

INLINE void lifts_from(
    intptr_t i, intptr_t count, const float *part, const float *whole, float share, float prior,
    const table *t, float *scores
) {
    for (; i < count; i++) {
        float lift = 5 + log2_of((part[i] + prior * share) / ((whole[i] + prior) * share));
        scores[i] += value_at(t, lift > 0 ? lift : 0);
    }
}

INLINE void distances_from(
    intptr_t i, intptr_t count, const float *x, const float *y, const float *z,
    const float *is_placed, const float *point, const table *t, float *scores
) {
    for (; i < count; i++) {
        float east = x[i] - point[0], north = y[i] - point[1], up = z[i] - point[2];
        float squared = east * east + north * north + up * up;
        float value = value_at(t, 0.5f * log2_of(1 + squared * chord_scale));
        scores[i] += is_placed[i] > 0 ? value : 0;
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))
#define INLINE512 __attribute__((target("avx512f"), always_inline)) static inline

typedef struct table512 {
    __m512 scale, last, low, step;
    __m512i most;
} table512;

INLINE512 table512 wide(const table *t) {
    return (table512){
        _mm512_set1_ps(t->scale), _mm512_set1_ps(t->last), _mm512_loadu_ps(t->low),
        _mm512_loadu_ps(t->step), _mm512_set1_epi32((int)t->last - 1),
    };
}

INLINE512 __m512 value512(const table512 *t, __m512 position) {
    __m512 scaled = _mm512_min_ps(_mm512_mul_ps(position, t->scale), t->last);
    __m512i knot = _mm512_min_epi32(_mm512_cvttps_epi32(scaled), t->most);
    __m512 share = _mm512_sub_ps(scaled, _mm512_cvtepi32_ps(knot));
    return _mm512_fmadd_ps(
        share, _mm512_permutexvar_ps(knot, t->step), _mm512_permutexvar_ps(knot, t->low)
    );
}

INLINE512 __m512 log2_512(__m512 number) {
    __m512i bits = _mm512_castps_si512(number);
    __m512i power = _mm512_sub_epi32(_mm512_srai_epi32(bits, 23), _mm512_set1_epi32(127));
    bits = _mm512_or_epi32(
        _mm512_and_epi32(bits, _mm512_set1_epi32(0x7FFFFF)), _mm512_set1_epi32(0x3F800000)
    );
    __m512 m = _mm512_castsi512_ps(bits);
    __m512 value = _mm512_fnmadd_ps(_mm512_set1_ps(0.08161449f), m, _mm512_set1_ps(0.64514372f));
    value = _mm512_fmadd_ps(value, m, _mm512_set1_ps(-2.1206994f));
    value = _mm512_fmadd_ps(value, m, _mm512_set1_ps(4.0701350f));
    value = _mm512_fmadd_ps(value, m, _mm512_set1_ps(-2.5128774f));
    return _mm512_add_ps(_mm512_cvtepi32_ps(power), _mm512_max_ps(value, _mm512_setzero_ps()));
}

INLINE512 void add512(float *scores, __m512 value) {
    _mm512_storeu_ps(scores, _mm512_add_ps(_mm512_loadu_ps(scores), value));
}

// Columns are read once, from memory: the CPU's own prefetching stops at each page's end.
INLINE512 void fetch(const void *column) {
    _mm_prefetch((const char *)column + 4096, _MM_HINT_T0);
}

// How many items fill whole registers.
INLINE512 intptr_t whole_of(intptr_t count) { return count & ~(intptr_t)15; }

AVX512 static void rows512(
    intptr_t count, const int32_t *first, const float *first_sums, const int32_t *second,
    const float *second_sums, float *scores
) {
    for (intptr_t i = 0; i < whole_of(count); i += 16) {
        fetch(first + i);
        fetch(second + i);
        __m512 a = _mm512_i32gather_ps(_mm512_loadu_si512(first + i), first_sums, 4);
        __m512 b = _mm512_i32gather_ps(_mm512_loadu_si512(second + i), second_sums, 4);
        add512(scores + i, _mm512_add_ps(a, b));
    }
    rows_from(whole_of(count), count, first, first_sums, second, second_sums, scores);
}

AVX512 static void strided512(
    intptr_t count, const float *column, int32_t stride, float least, const table *t, float *scores
) {
    table512 own = wide(t);
    __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    lanes = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(stride));
    for (intptr_t i = 0; i < whole_of(count); i += 16) {
        __m512 position = _mm512_i32gather_ps(lanes, column + i * stride, 4);
        __mmask16 says = _mm512_cmp_ps_mask(position, _mm512_set1_ps(least), _CMP_GE_OQ);
        add512(scores + i, _mm512_maskz_mov_ps(says, value512(&own, position)));
    }
    strided_from(whole_of(count), count, column, stride, least, t, scores);
}

AVX512 static void shifted512(
    intptr_t count, const float *column, float offset, const table *t, float *scores
) {
    table512 own = wide(t);
    for (intptr_t i = 0; i < whole_of(count); i += 16) {
        fetch(column + i);
        __m512 position = _mm512_add_ps(_mm512_loadu_ps(column + i), _mm512_set1_ps(offset));
        add512(scores + i, value512(&own, _mm512_max_ps(position, _mm512_setzero_ps())));
    }
    shifted_from(whole_of(count), count, column, offset, t, scores);
}

AVX512 static void logs512(
    intptr_t count, const float *column, float factor, const table *t, float *scores
) {
    table512 own = wide(t);
    for (intptr_t i = 0; i < whole_of(count); i += 16) {
        fetch(column + i);
        __m512 number = _mm512_fmadd_ps(
            _mm512_loadu_ps(column + i), _mm512_set1_ps(factor), _mm512_set1_ps(1)
        );
        add512(scores + i, value512(&own, log2_512(number)));
    }
    logs_from(whole_of(count), count, column, factor, t, scores);
}

AVX512 static void lifts512(
    intptr_t count, const float *part, const float *whole, float share, float prior,
    const table *t, float *scores
) {
    table512 own = wide(t);
    __m512 shares = _mm512_set1_ps(share), priors = _mm512_set1_ps(prior);
    for (intptr_t i = 0; i < whole_of(count); i += 16) {
        fetch(part + i);
        fetch(whole + i);
        __m512 now = _mm512_fmadd_ps(priors, shares, _mm512_loadu_ps(part + i));
        __m512 usual = _mm512_mul_ps(_mm512_add_ps(_mm512_loadu_ps(whole + i), priors), shares);
        __m512 lift = _mm512_add_ps(_mm512_set1_ps(5), log2_512(_mm512_div_ps(now, usual)));
        add512(scores + i, value512(&own, _mm512_max_ps(lift, _mm512_setzero_ps())));
    }
    lifts_from(whole_of(count), count, part, whole, share, prior, t, scores);
}

AVX512 static void distances512(
    intptr_t count, const float *x, const float *y, const float *z, const float *is_placed,
    const float *point, const table *t, float *scores
) {
    table512 own = wide(t);
    for (intptr_t i = 0; i < whole_of(count); i += 16) {
        fetch(x + i);
        fetch(y + i);
        fetch(z + i);
        fetch(is_placed + i);
        __m512 east = _mm512_sub_ps(_mm512_loadu_ps(x + i), _mm512_set1_ps(point[0]));
        __m512 north = _mm512_sub_ps(_mm512_loadu_ps(y + i), _mm512_set1_ps(point[1]));
        __m512 up = _mm512_sub_ps(_mm512_loadu_ps(z + i), _mm512_set1_ps(point[2]));
        __m512 squared = _mm512_mul_ps(east, east);
        squared = _mm512_fmadd_ps(north, north, squared);
        squared = _mm512_fmadd_ps(up, up, squared);
        __m512 log = log2_512(
            _mm512_fmadd_ps(squared, _mm512_set1_ps(chord_scale), _mm512_set1_ps(1))
        );
        __m512 value = value512(&own, _mm512_mul_ps(_mm512_set1_ps(0.5f), log));
        __mmask16 known = _mm512_cmp_ps_mask(
            _mm512_loadu_ps(is_placed + i), _mm512_setzero_ps(), _CMP_GT_OQ
        );
        add512(scores + i, _mm512_maskz_mov_ps(known, value));
    }
    distances_from(whole_of(count), count, x, y, z, is_placed, point, t, scores);
}
// AMX comes with AVX-512 and has nothing better for columns.
#define WITH_AVX512(CALL) \
    if (variant == ck_variant_avx512 || variant == ck_variant_amx) { CALL; return; }
#else
#define WITH_AVX512(CALL)
#endif

void ck_add_rows(
    ck_variant variant, intptr_t count, const int32_t *first, const float *first_sums,
    const int32_t *second, const float *second_sums, float *scores
) {
    WITH_AVX512(rows512(count, first, first_sums, second, second_sums, scores))
    rows_from(0, count, first, first_sums, second, second_sums, scores);
}

void ck_add_strided(
    ck_variant variant, intptr_t count, const float *column, int32_t stride, float least,
    const float *knots, int32_t knot_count, float scale, float *scores
) {
    table t = table_of(knots, knot_count, scale);
    WITH_AVX512(strided512(count, column, stride, least, &t, scores))
    strided_from(0, count, column, stride, least, &t, scores);
}

void ck_add_shifted(
    ck_variant variant, intptr_t count, const float *column, float offset, const float *knots,
    int32_t knot_count, float scale, float *scores
) {
    table t = table_of(knots, knot_count, scale);
    WITH_AVX512(shifted512(count, column, offset, &t, scores))
    shifted_from(0, count, column, offset, &t, scores);
}

void ck_add_logs(
    ck_variant variant, intptr_t count, const float *column, float factor, const float *knots,
    int32_t knot_count, float scale, float *scores
) {
    table t = table_of(knots, knot_count, scale);
    WITH_AVX512(logs512(count, column, factor, &t, scores))
    logs_from(0, count, column, factor, &t, scores);
}

void ck_add_lifts(
    ck_variant variant, intptr_t count, const float *part, const float *whole, float share,
    float prior, const float *knots, int32_t knot_count, float scale, float *scores
) {
    table t = table_of(knots, knot_count, scale);
    WITH_AVX512(lifts512(count, part, whole, share, prior, &t, scores))
    lifts_from(0, count, part, whole, share, prior, &t, scores);
}

void ck_add_distances(
    ck_variant variant, intptr_t count, const float *x, const float *y, const float *z,
    const float *is_placed, const float *point, const float *knots, int32_t knot_count,
    float scale, float *scores
) {
    table t = table_of(knots, knot_count, scale);
    WITH_AVX512(distances512(count, x, y, z, is_placed, point, &t, scores))
    distances_from(0, count, x, y, z, is_placed, point, &t, scores);
}
