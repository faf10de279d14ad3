/* Takes from each byte what its neighbours let expect; see png_filter.py. */

#include "kernels.h"

enum { PAETH = 4 };

static inline int16_t distance(int16_t one, int16_t other) {
  return one > other ? (int16_t)(one - other) : (int16_t)(other - one);
}

static void paeth(const uint8_t *restrict row, const uint8_t *restrict above, ptrdiff_t width,
                  ptrdiff_t channels, uint8_t *restrict out) {
  for (ptrdiff_t x = 0; x < channels; x++) out[x] = (uint8_t)(row[x] - above[x]);
  for (ptrdiff_t x = channels; x < width; x++) {
    const int16_t left = row[x - channels], over = above[x], corner = above[x - channels];
    const int16_t of_left = distance(over, corner), of_over = distance(left, corner);
    const int16_t of_corner = distance((int16_t)(left + over), (int16_t)(2 * corner));
    const int16_t nearer = of_over <= of_corner ? over : corner;
    const int16_t least_other = of_over <= of_corner ? of_over : of_corner;
    out[x] = (uint8_t)(row[x] - (of_left <= least_other ? left : nearer));
  }
}

/* `above` is the row over the first one. Each row of `out` has one byte more, which goes first. */
EXPORT void png_paeth(const uint8_t *rows, ptrdiff_t step, const uint8_t *above, ptrdiff_t width,
                      ptrdiff_t height, ptrdiff_t channels, uint8_t *out) {
  for (ptrdiff_t y = 0; y < height; y++) {
    out[0] = PAETH;
    paeth(rows, above, width, channels, out + 1);
    above = rows;
    rows += step;
    out += width + 1;
  }
}
