#include "CCRC32C.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif

// Row k holds the effect of a byte that has k more bytes behind it: eight bytes a step.
static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) {
            value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0);
        }
        tables[0][byte] = value;
    }
    for (int row = 1; row < 8; row++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = tables[row - 1][byte];
            tables[row][byte] = (before >> 8) ^ tables[0][before & 0xFF];
        }
    }
}

uint32_t crc32c_extend_portable(uint32_t checksum, const void *bytes, size_t count) {
    pthread_once(&tables_once, fill_tables);
    const uint8_t *next = bytes;
    uint32_t value = ~checksum;
    for (; count >= 8; count -= 8, next += 8) {
        uint32_t low = value ^ ((uint32_t)next[0] | (uint32_t)next[1] << 8 |
                                (uint32_t)next[2] << 16 | (uint32_t)next[3] << 24);
        value = tables[7][low & 0xFF] ^ tables[6][(low >> 8) & 0xFF] ^
                tables[5][(low >> 16) & 0xFF] ^ tables[4][low >> 24] ^ tables[3][next[4]] ^
                tables[2][next[5]] ^ tables[1][next[6]] ^ tables[0][next[7]];
    }
    for (; count > 0; count--, next++) {
        value = (value >> 8) ^ tables[0][(value ^ *next) & 0xFF];
    }
    return ~value;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t extend_native(
    uint32_t checksum, const uint8_t *next, size_t count) {
    uint64_t value = (uint32_t)~checksum;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        value = _mm_crc32_u64(value, word);
    }
    uint32_t rest = (uint32_t)value;
    for (; count > 0; count--, next++) {
        rest = _mm_crc32_u8(rest, *next);
    }
    return ~rest;
}
int crc32c_is_accelerated(void) { return __builtin_cpu_supports("sse4.2") ? 1 : 0; }
#elif defined(__aarch64__)
__attribute__((target("crc"))) static uint32_t extend_native(
    uint32_t checksum, const uint8_t *next, size_t count) {
    uint32_t value = ~checksum;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        value = __crc32cd(value, word);
    }
    for (; count > 0; count--, next++) {
        value = __crc32cb(value, *next);
    }
    return ~value;
}
int crc32c_is_accelerated(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#else
static uint32_t extend_native(uint32_t checksum, const uint8_t *next, size_t count) {
    return crc32c_extend_portable(checksum, next, count);
}
int crc32c_is_accelerated(void) { return 0; }
#endif

uint32_t crc32c_extend(uint32_t checksum, const void *bytes, size_t count) {
    if (crc32c_is_accelerated()) {
        return extend_native(checksum, bytes, count);
    }
    return crc32c_extend_portable(checksum, bytes, count);
}
