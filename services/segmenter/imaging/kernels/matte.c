/* Enlarges a matte by a linear function of the picture's colours; see matte.py. */

#include "kernels.h"

enum { RED, GREEN, BLUE, CONSTANT, LEAST, MOST, PLANES };

/* Where pixels lie between cells along one axis: the cells before and after, and the way between. */
typedef struct {
  const int32_t *before, *after;
  const float *share;
} places;

static void across(const float *restrict cells, places columns, ptrdiff_t width,
                   float *restrict out) {
  for (ptrdiff_t x = 0; x < width; x++) {
    const float low = cells[columns.before[x]];
    out[x] = (cells[columns.after[x]] - low) * columns.share[x] + low;
  }
}

static void row(const float *restrict upper, const float *restrict lower, float share,
                const uint8_t *restrict rgbx, ptrdiff_t width, uint8_t *restrict alpha) {
  for (ptrdiff_t x = 0; x < width; x++) {
    float at[PLANES];
    for (int plane = 0; plane < PLANES; plane++) {
      const float low = upper[plane * width + x];
      at[plane] = (lower[plane * width + x] - low) * share + low;
    }
    float value = at[CONSTANT];
    value += at[RED] * (float)rgbx[4 * x];
    value += at[GREEN] * (float)rgbx[4 * x + 1];
    value += at[BLUE] * (float)rgbx[4 * x + 2];
    value = value > at[LEAST] ? value : at[LEAST];
    value = value < at[MOST] ? value : at[MOST];
    /* Half a level more, since the fraction is cut off. */
    value += 0.5f;
    value = value > 0.0f ? value : 0.0f;
    value = value < 255.0f ? value : 255.0f;
    alpha[x] = (uint8_t)(int32_t)value;
  }
}

/* `room` has space for twelve rows: two rows of cells, interpolated across, of each plane. */
EXPORT void matte_rows(const float *planes, ptrdiff_t plane_step, ptrdiff_t row_step,
                       const int32_t *columns_before, const int32_t *columns_after,
                       const float *columns_share, ptrdiff_t width, const int32_t *rows_before,
                       const int32_t *rows_after, const float *rows_share, ptrdiff_t height,
                       const uint8_t *rgbx, ptrdiff_t rgbx_step, uint8_t *alpha,
                       ptrdiff_t alpha_step, float *room) {
  const places columns = {columns_before, columns_after, columns_share};
  float *held[2] = {room, room + PLANES * width};
  ptrdiff_t cells[2] = {-1, -1};
  for (ptrdiff_t y = 0; y < height; y++) {
    const ptrdiff_t wanted[2] = {rows_before[y], rows_after[y]};
    if (cells[1] == wanted[0]) {
      float *const freed = held[0];
      held[0] = held[1];
      held[1] = freed;
      cells[1] = cells[0];
      cells[0] = wanted[0];
    }
    for (int side = 0; side < 2; side++) {
      if (cells[side] == wanted[side]) continue;
      const float *const first = planes + wanted[side] * row_step;
      for (int plane = 0; plane < PLANES; plane++)
        across(first + plane * plane_step, columns, width, held[side] + plane * width);
      cells[side] = wanted[side];
    }
    row(held[0], held[1], rows_share[y], rgbx + y * rgbx_step, width, alpha + y * alpha_step);
  }
}
