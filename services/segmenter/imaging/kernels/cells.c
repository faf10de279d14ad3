/* Weighs colours and takes their means over squares; see cells.py. */

#include "kernels.h"

static const uint32_t BYTES = 0x00ff00ff, HALVES = 0x00800080, ONE = 0x00ff0000;

/* Multiplies two bytes at a time, each in 16 bits, rounded as Pillow does. */
static inline uint32_t times(uint32_t two, uint32_t weight) {
  const uint32_t product = two * weight + HALVES;
  return (product + (product >> 8 & BYTES)) >> 8 & BYTES;
}

static void added(const uint32_t *restrict pixels, const uint8_t *restrict weight, ptrdiff_t width,
                  uint32_t *restrict red_blue, uint32_t *restrict green_weight) {
  for (ptrdiff_t x = 0; x < width; x++) {
    red_blue[x] += times(pixels[x] & BYTES, weight[x]);
    /* The fourth byte means nothing; as one it becomes the weight itself. */
    green_weight[x] += times((pixels[x] >> 8 & BYTES) | ONE, weight[x]);
  }
}

/* `room` has space for 8 bytes a pixel of a row. At most 257 rows are summed at a time. */
EXPORT void weigh(const uint32_t *pixels, ptrdiff_t step, const uint8_t *weight,
                  ptrdiff_t weight_step, ptrdiff_t width, ptrdiff_t height, ptrdiff_t side,
                  float *cells, uint32_t *room) {
  uint32_t *const red_blue = room, *const green_weight = room + width;
  for (ptrdiff_t top = 0; top < height; top += side) {
    const ptrdiff_t rows = least(side, height - top);
    memset(room, 0, 2 * (size_t)width * sizeof *room);
    for (ptrdiff_t y = top; y < top + rows; y++)
      added((const uint32_t *)((const uint8_t *)pixels + y * step), weight + y * weight_step, width,
            red_blue, green_weight);
    for (ptrdiff_t left = 0; left < width; left += side, cells += CHANNELS) {
      const ptrdiff_t right = least(left + side, width);
      const uint32_t count = (uint32_t)(rows * (right - left)), share = (1u << 24) / count;
      four_u32 sums = {count / 2, count / 2, count / 2, count / 2};
      for (ptrdiff_t x = left; x < right; x++)
        sums += (four_u32){red_blue[x] & 0xffff, green_weight[x] & 0xffff, red_blue[x] >> 16,
                           green_weight[x] >> 16};
      sums = sums * share >> 24;
      for (int channel = 0; channel < CHANNELS; channel++) cells[channel] = (float)sums[channel];
    }
  }
}
