/* Unmixes the colours of soft edges, and joins colours and alpha; see colours.py. */

#include "kernels.h"

enum { TILE = 32 };

/* A row of cells, interpolated across tile by tile: what the subject and the background show. */
typedef struct {
  ptrdiff_t cell_row;
  uint8_t *subject, *background, *is_made;
} band;

typedef struct {
  const uint8_t *subject, *background;
  ptrdiff_t width, height;
  int bits; /* of the side of a cell in pixels, times two */
} cells;

/* Where the centre of a pixel lies between the centres of cells, in 2^bits of a cell. */
typedef struct {
  ptrdiff_t before, after;
  uint16_t share;
} place;

static place placed(ptrdiff_t pixel, ptrdiff_t count, int bits) {
  const ptrdiff_t whole = (ptrdiff_t)1 << bits, from = 2 * pixel + 1 - whole / 2;
  /* A cell more and less again, since it may lie half a cell below zero. */
  const ptrdiff_t before = (ptrdiff_t)((size_t)(from + whole) >> bits) - 1;
  const place found = {before < 0 ? 0 : before, least(before + 1, count - 1),
                       (uint16_t)(from - before * whole)};
  return found;
}

static inline uint16_t between(uint16_t one, uint16_t other, uint16_t share, int bits) {
  const uint16_t whole = (uint16_t)(1 << bits);
  return (uint16_t)((uint16_t)(one * (whole - share) + other * share + whole / 2) >> bits);
}

static void across(const cells *of, ptrdiff_t cell_row, ptrdiff_t left, ptrdiff_t first,
                   ptrdiff_t count, band *into) {
  for (ptrdiff_t x = first; x < first + count; x++) {
    const place at = placed(left + x, of->width, of->bits);
    const ptrdiff_t row = cell_row * of->width;
    const uint8_t *const subject = of->subject + CHANNELS * row;
    const uint8_t *const background = of->background + CHANNELS * row;
    for (int channel = 0; channel < CHANNELS; channel++) {
      const ptrdiff_t one = CHANNELS * at.before + channel, other = CHANNELS * at.after + channel;
      const ptrdiff_t here = CHANNELS * x + channel;
      into->subject[here] = (uint8_t)between(subject[one], subject[other], at.share, of->bits);
      into->background[here] =
          (uint8_t)between(background[one], background[other], at.share, of->bits);
    }
  }
}

static int is_soft(uint8_t share) { return (uint8_t)(share - 1) < 254; }

static int any_soft(const uint8_t *share, ptrdiff_t count) {
  int found = 0;
  for (ptrdiff_t x = 0; x < count; x++) found |= is_soft(share[x]);
  return found;
}

/* All in 16 bits: nothing exceeds 255 * 255 + 382, nor 255 * 128 + 64 with a sign. */
static void unmixed(const band *upper, const band *lower, uint16_t down, int bits, ptrdiff_t first,
                    ptrdiff_t count, const uint8_t *shares, const uint8_t *weights,
                    uint8_t *restrict rgbx) {
  uint8_t share[TILE * CHANNELS], weight[TILE * CHANNELS];
  for (ptrdiff_t x = 0; x < count; x++) {
    memset(share + CHANNELS * x, shares[x], CHANNELS);
    memset(weight + CHANNELS * x, weights[shares[x]], CHANNELS);
  }
  const uint8_t *restrict const subject = upper->subject + CHANNELS * first;
  const uint8_t *restrict const subject_below = lower->subject + CHANNELS * first;
  const uint8_t *restrict const background = upper->background + CHANNELS * first;
  const uint8_t *restrict const background_below = lower->background + CHANNELS * first;
  const ptrdiff_t bytes = CHANNELS * count;
#pragma clang loop vectorize(enable) vectorize_width(16)
  for (ptrdiff_t i = 0; i < bytes; i++) {
    const uint16_t fore = between(subject[i], subject_below[i], down, bits);
    const uint16_t back = between(background[i], background_below[i], down, bits);
    const uint16_t mixed = (uint16_t)(back * (uint16_t)(255 - share[i]) + fore * share[i] + 128);
    const uint16_t explained = (uint16_t)((uint16_t)((mixed >> 8) + mixed) >> 8);
    const int16_t left_over = (int16_t)(rgbx[i] - explained);
    const int16_t change = (int16_t)((int16_t)(left_over * (int16_t)weight[i] + 64) >> 7);
    int16_t own = (int16_t)(change + (int16_t)fore);
    own = own < 0 ? 0 : own;
    own = own > 255 ? 255 : own;
    rgbx[i] = is_soft(share[i]) ? (uint8_t)own : rgbx[i];
  }
}

static void made(const cells *of, band *into, ptrdiff_t left, ptrdiff_t first, ptrdiff_t count) {
  if (into->is_made[first / TILE]) return;
  across(of, into->cell_row, left, first, count, into);
  into->is_made[first / TILE] = 1;
}

static void begun(band *into, ptrdiff_t cell_row, ptrdiff_t tiles) {
  into->cell_row = cell_row;
  memset(into->is_made, 0, (size_t)tiles);
}

/* `room` has space for 18 bytes a pixel of a row: two bands, and what of them is made. */
EXPORT void unmix(uint8_t *rgbx, ptrdiff_t rgbx_step, const uint8_t *share, ptrdiff_t share_step,
                  ptrdiff_t width, ptrdiff_t height, const uint8_t *subject,
                  const uint8_t *background, ptrdiff_t cells_width, ptrdiff_t cells_height,
                  int cell_bits, ptrdiff_t left, ptrdiff_t top, const uint8_t *weights,
                  uint8_t *room) {
  const cells of = {subject, background, cells_width, cells_height, cell_bits + 1};
  const ptrdiff_t tiles = (width + TILE - 1) / TILE, plane = CHANNELS * width;
  band bands[2] = {{-1, room, room + plane, room + 4 * plane},
                   {-1, room + 2 * plane, room + 3 * plane, room + 4 * plane + tiles}};
  band *upper = &bands[0], *lower = &bands[1];
  for (ptrdiff_t y = 0; y < height; y++) {
    const place down = placed(top + y, of.height, of.bits);
    if (lower->cell_row == down.before) {
      band *const freed = upper;
      upper = lower;
      lower = freed;
    }
    if (upper->cell_row != down.before) begun(upper, down.before, tiles);
    if (lower->cell_row != down.after) begun(lower, down.after, tiles);
    for (ptrdiff_t first = 0; first < width; first += TILE) {
      const ptrdiff_t count = least(TILE, width - first);
      const uint8_t *const shares = share + y * share_step + first;
      if (!any_soft(shares, count)) continue;
      made(&of, upper, left, first, count);
      made(&of, lower, left, first, count);
      unmixed(upper, lower, down.share, of.bits, first, count, shares, weights,
              rgbx + y * rgbx_step + CHANNELS * first);
    }
  }
}

/* Little-endian, as all machines are that this is built for: alpha is the highest byte. */
EXPORT void cover(uint32_t *rgbx, ptrdiff_t rgbx_step, const uint8_t *alpha, ptrdiff_t alpha_step,
                  ptrdiff_t width, ptrdiff_t height) {
  for (ptrdiff_t y = 0; y < height; y++) {
    uint32_t *restrict pixels = (uint32_t *)((uint8_t *)rgbx + y * rgbx_step);
    const uint8_t *restrict alphas = alpha + y * alpha_step;
    for (ptrdiff_t x = 0; x < width; x++) {
      const uint32_t seen = (pixels[x] & 0xffffffu) | (uint32_t)alphas[x] << 24;
      pixels[x] = alphas[x] ? seen : 0;
    }
  }
}
