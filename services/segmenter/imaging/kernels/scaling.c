/* Scales pictures down; see scaling.py. */

#include "kernels.h"

#include <math.h>

enum { FRACTION_BITS = 22, HALF = 1 << (FRACTION_BITS - 1) };

static const double BICUBIC_REACH = 2.0, BICUBIC_A = -0.5;

static void added(const uint8_t *restrict row, ptrdiff_t count, uint16_t *restrict sums) {
  for (ptrdiff_t i = 0; i < count; i++) sums[i] = (uint16_t)(sums[i] + row[i]);
}

/* The mean of `across` columns whose rows are summed up already, rounded as Pillow does. */
static inline void mean(const uint16_t *sums, ptrdiff_t across, uint32_t count, uint32_t share,
                        uint8_t *out) {
  four_u32 total = {count / 2, count / 2, count / 2, count / 2};
  for (ptrdiff_t x = 0; x < across; x++) total += four_of_u16(sums + CHANNELS * x);
  store_four_u8(out, total * share >> 24);
}

/* `room` has space for 8 bytes a pixel of a row. At most 257 rows are summed at a time. */
EXPORT void reduce(const uint8_t *pixels, ptrdiff_t step, ptrdiff_t width, ptrdiff_t height,
                   ptrdiff_t across, ptrdiff_t down, uint8_t *out, ptrdiff_t out_step,
                   uint16_t *room) {
  const ptrdiff_t whole = width / across, rest = width % across;
  for (ptrdiff_t top = 0; top < height; top += down, out += out_step) {
    const ptrdiff_t rows = least(down, height - top);
    const uint32_t count = (uint32_t)(across * rows), share = (1u << 24) / count;
    memset(room, 0, (size_t)(CHANNELS * width) * sizeof *room);
    for (ptrdiff_t y = top; y < top + rows; y++) added(pixels + y * step, CHANNELS * width, room);
    for (ptrdiff_t x = 0; x < whole; x++)
      mean(room + CHANNELS * across * x, across, count, share, out + CHANNELS * x);
    if (rest) {
      const uint32_t left = (uint32_t)(rest * rows);
      mean(room + CHANNELS * across * whole, rest, left, (1u << 24) / left, out + CHANNELS * whole);
    }
  }
}

static double bicubic(double x) {
  x = fabs(x);
  if (x < 1.0) return ((BICUBIC_A + 2.0) * x - (BICUBIC_A + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * BICUBIC_A;
  return 0.0;
}

/* How many pixels at most one pixel is made of. */
EXPORT ptrdiff_t bicubic_taps(double extent, ptrdiff_t to) {
  const double scale = fmax(1.0, extent / (double)to);
  return (ptrdiff_t)ceil(BICUBIC_REACH * scale) * 2 + 1;
}

/* Tells of which of `from` pixels, `first` and `count`, each one is made, and by which `weights`. */
static void weighed(ptrdiff_t from, double extent, ptrdiff_t to, ptrdiff_t taps, int32_t *first,
                    int32_t *count, int32_t *weights) {
  const double scale = extent / (double)to, wide = fmax(1.0, scale);
  const double reach = BICUBIC_REACH * wide, share = 1.0 / wide;
  for (ptrdiff_t i = 0; i < to; i++) {
    const double centre = ((double)i + 0.5) * scale;
    const ptrdiff_t begin = centre - reach + 0.5 < 0 ? 0 : (ptrdiff_t)(centre - reach + 0.5);
    const ptrdiff_t end = least((ptrdiff_t)(centre + reach + 0.5), from);
    double sum = 0.0;
    for (ptrdiff_t tap = begin; tap < end; tap++)
      sum += bicubic(((double)tap - centre + 0.5) * share);
    for (ptrdiff_t tap = begin; tap < end; tap++) {
      const double weight = bicubic(((double)tap - centre + 0.5) * share) / sum;
      const double fixed = weight * (1 << FRACTION_BITS);
      weights[i * taps + tap - begin] = (int32_t)(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
    first[i] = (int32_t)begin;
    count[i] = (int32_t)(end - begin);
  }
}

static inline uint8_t clipped(int32_t sum) {
  sum >>= FRACTION_BITS;
  return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static void down(const uint8_t *restrict pixels, ptrdiff_t step, ptrdiff_t bytes, int32_t count,
                 const int32_t *weight, int32_t *restrict sums, uint8_t *restrict out) {
  for (ptrdiff_t i = 0; i < bytes; i++) sums[i] = HALF;
  for (int32_t tap = 0; tap < count; tap++) {
    const uint8_t *restrict const row = pixels + tap * step;
    const int32_t times = weight[tap];
    for (ptrdiff_t i = 0; i < bytes; i++) sums[i] += row[i] * times;
  }
  for (ptrdiff_t i = 0; i < bytes; i++) out[i] = clipped(sums[i]);
}

static void across(const uint8_t *restrict pixels, ptrdiff_t width, ptrdiff_t taps,
                   const int32_t *first, const int32_t *count, const int32_t *weights,
                   uint8_t *restrict out) {
  for (ptrdiff_t x = 0; x < width; x++) {
    const uint8_t *const from = pixels + CHANNELS * (ptrdiff_t)first[x];
    const int32_t *const weight = weights + x * taps;
    four_i32 sums = {HALF, HALF, HALF, HALF};
    for (int32_t tap = 0; tap < count[x]; tap++)
      sums += (four_i32)four_of_u8(from + CHANNELS * tap) * weight[tap];
    for (int channel = 0; channel < CHANNELS; channel++)
      out[CHANNELS * x + channel] = clipped(sums[channel]);
  }
}

/* `numbers` has space for all weights of both axes, two more a pixel of the answer on each, and
   four a pixel of a row; `row` for a row of pixels. Down first: that treats more of a row alike. */
EXPORT void resize(const uint8_t *pixels, ptrdiff_t step, ptrdiff_t width, ptrdiff_t height,
                   double extent_x, double extent_y, uint8_t *out, ptrdiff_t out_width,
                   ptrdiff_t out_height, int32_t *numbers, uint8_t *row) {
  const ptrdiff_t taps_x = bicubic_taps(extent_x, out_width);
  const ptrdiff_t taps_y = bicubic_taps(extent_y, out_height);
  int32_t *const first_x = numbers, *const count_x = first_x + out_width;
  int32_t *const weights_x = count_x + out_width, *const first_y = weights_x + taps_x * out_width;
  int32_t *const count_y = first_y + out_height, *const weights_y = count_y + out_height;
  int32_t *const sums = weights_y + taps_y * out_height;
  weighed(width, extent_x, out_width, taps_x, first_x, count_x, weights_x);
  weighed(height, extent_y, out_height, taps_y, first_y, count_y, weights_y);
  for (ptrdiff_t y = 0; y < out_height; y++) {
    down(pixels + first_y[y] * step, step, CHANNELS * width, count_y[y], weights_y + y * taps_y,
         sums, row);
    across(row, out_width, taps_x, first_x, count_x, weights_x, out + y * CHANNELS * out_width);
  }
}
