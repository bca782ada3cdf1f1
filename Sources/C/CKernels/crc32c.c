// CRC-32C: one 64-bit step an instruction where the CPU has it, eight tables elsewhere.
#include "CKernels.h"

#include <pthread.h>
#include <string.h>

enum { polynomial = 0x82F63B78 };  // 0x1EDC6F41 with the bits reflected

static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) ? (uint32_t)polynomial : 0);
        }
        tables[0][byte] = crc;
    }
    for (int k = 1; k < 8; k++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][before & 255];
        }
    }
}

static uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

uint32_t ck_crc32c_portable(uint32_t crc, const uint8_t *bytes, intptr_t count) {
    pthread_once(&tables_once, fill_tables);
    crc = ~crc;
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word = load64(bytes) ^ crc;  // little-endian hosts only, as all our formats
        crc = 0;
        for (int k = 0; k < 8; k++) {
            crc ^= tables[7 - k][(word >> (8 * k)) & 255];
        }
    }
    for (; count > 0; count--, bytes++) {
        crc = (crc >> 8) ^ tables[0][(crc ^ *bytes) & 255];
    }
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2")))
static uint32_t crc32c_sse42(uint32_t crc, const uint8_t *bytes, intptr_t count) {
    uint64_t state = (uint32_t)~crc;
    for (; count >= 8; count -= 8, bytes += 8) {
        state = _mm_crc32_u64(state, load64(bytes));
    }
    for (; count > 0; count--, bytes++) {
        state = _mm_crc32_u8((uint32_t)state, *bytes);
    }
    return ~(uint32_t)state;
}

uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, intptr_t count) {
    return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(crc, bytes, count)
                                            : ck_crc32c_portable(crc, bytes, count);
}
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif

__attribute__((target("crc")))
static uint32_t crc32c_arm(uint32_t crc, const uint8_t *bytes, intptr_t count) {
    crc = ~crc;
    for (; count >= 8; count -= 8, bytes += 8) {
        crc = __crc32cd(crc, load64(bytes));
    }
    for (; count > 0; count--, bytes++) {
        crc = __crc32cb(crc, *bytes);
    }
    return ~crc;
}

uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, intptr_t count) {
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) ? crc32c_arm(crc, bytes, count)
                                               : ck_crc32c_portable(crc, bytes, count);
}
#else
uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, intptr_t count) {
    return ck_crc32c_portable(crc, bytes, count);
}
#endif
