// CRC32C (Castagnoli, polynomial 0x1EDC6F41, reflected 0x82F63B78), as in iSCSI (RFC 3720, B.4).
#ifndef CCRC32C_H
#define CCRC32C_H

#include <stddef.h>
#include <stdint.h>

/// The checksum of `count` bytes, continuing `checksum` (0 to begin). Uses the CPU's instruction
/// where it has one. Reads nothing when `count` is 0.
uint32_t crc32c_extend(uint32_t checksum, const void *bytes, size_t count);

/// The same by tables alone: the reference that the instruction is held to.
uint32_t crc32c_extend_portable(uint32_t checksum, const void *bytes, size_t count);

/// 1 where `crc32c_extend` uses the CPU's instruction, else 0.
int crc32c_is_accelerated(void);

#endif
