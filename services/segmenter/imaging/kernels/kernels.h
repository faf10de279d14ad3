/* What all kernels share. Python calls them by ctypes: the sizes are checked there, not here. */

#ifndef MATTEBOX_KERNELS_H
#define MATTEBOX_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { CHANNELS = 4 };

/* The channels of a pixel, which one instruction treats alike. */
typedef int32_t four_i32 __attribute__((vector_size(16)));
typedef uint32_t four_u32 __attribute__((vector_size(16)));
typedef uint16_t four_u16 __attribute__((vector_size(8)));
typedef uint8_t four_u8 __attribute__((vector_size(4)));

static inline four_u32 four_of_u8(const uint8_t *from) {
  four_u8 four;
  memcpy(&four, from, sizeof four);
  return __builtin_convertvector(four, four_u32);
}

static inline four_u32 four_of_u16(const uint16_t *from) {
  four_u16 four;
  memcpy(&four, from, sizeof four);
  return __builtin_convertvector(four, four_u32);
}

static inline void store_four_u8(uint8_t *to, four_u32 values) {
  const four_u8 four = __builtin_convertvector(values, four_u8);
  memcpy(to, &four, sizeof four);
}

static inline ptrdiff_t least(ptrdiff_t one, ptrdiff_t other) { return one < other ? one : other; }

#endif
