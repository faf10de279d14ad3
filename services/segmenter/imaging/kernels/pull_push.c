/* Spreads colours from where they are known; see pull_push.py. */

#include "kernels.h"

/* As NumPy lays them out, which knows nothing of vectors. */
typedef float four_f32 __attribute__((vector_size(16), aligned(4)));

static const float ALL = 255.0f, NOTHING = 1e-6f;

static inline ptrdiff_t half(ptrdiff_t side) { return (side + 1) / 2; }

static inline four_f32 cell(const four_f32 *cells, ptrdiff_t height, ptrdiff_t width, ptrdiff_t y,
                            ptrdiff_t x) {
  const four_f32 none = {0};
  return y < height && x < width ? cells[y * width + x] : none;
}

static void halved(const four_f32 *cells, ptrdiff_t height, ptrdiff_t width, four_f32 *into) {
  for (ptrdiff_t y = 0; y < height; y += 2)
    for (ptrdiff_t x = 0; x < width; x += 2) {
      const four_f32 left = cell(cells, height, width, y, x) + cell(cells, height, width, y + 1, x);
      const four_f32 right =
          cell(cells, height, width, y, x + 1) + cell(cells, height, width, y + 1, x + 1);
      *into++ = (left + right) / 4.0f;
    }
}

/* Which of `count` coarser ones lies beside a finer one, on its side of the one it is in. */
static inline ptrdiff_t beside(ptrdiff_t fine, ptrdiff_t count) {
  const ptrdiff_t other = fine % 2 ? fine / 2 + 1 : fine / 2 - 1;
  return other < 0 ? 0 : least(other, count - 1);
}

static inline four_f32 between(four_f32 near, four_f32 far) { return near * 0.75f + far * 0.25f; }

static inline four_f32 blended(four_f32 around, four_f32 known, float spread) {
  return (around * spread + known * ALL) / (known[3] + spread);
}

/* `row` has space for a row of the coarser colours. */
static void pushed(const four_f32 *coarse, ptrdiff_t coarse_height, ptrdiff_t coarse_width,
                   const four_f32 *known, ptrdiff_t height, ptrdiff_t width, float spread,
                   four_f32 *row, four_f32 *colours) {
  for (ptrdiff_t y = 0; y < height; y++) {
    const four_f32 *const near = coarse + y / 2 * coarse_width;
    const four_f32 *const far = coarse + beside(y, coarse_height) * coarse_width;
    for (ptrdiff_t x = 0; x < coarse_width; x++) row[x] = between(near[x], far[x]);
    for (ptrdiff_t x = 0; x < width; x++) {
      const four_f32 around = between(row[x / 2], row[beside(x, coarse_width)]);
      colours[y * width + x] = blended(around, known[y * width + x], spread);
    }
  }
}

/* `cells` end up as colours. `room` has space for all smaller levels, and a row of the first. */
EXPORT void pull_and_push(float *cells, ptrdiff_t height, ptrdiff_t width, float spread,
                          float *room) {
  four_f32 *levels[64] = {(four_f32 *)cells};
  ptrdiff_t heights[64] = {height}, widths[64] = {width};
  four_f32 *free = (four_f32 *)room;
  int top = 0;
  for (; heights[top] > 1 || widths[top] > 1; top++) {
    levels[top + 1] = free;
    heights[top + 1] = half(heights[top]);
    widths[top + 1] = half(widths[top]);
    halved(levels[top], heights[top], widths[top], free);
    free += heights[top + 1] * widths[top + 1];
  }
  const four_f32 last = levels[top][0];
  levels[top][0] = last * ALL / (last[3] > NOTHING ? last[3] : NOTHING);
  for (int level = top - 1; level >= 0; level--)
    pushed(levels[level + 1], heights[level + 1], widths[level + 1], levels[level], heights[level],
           widths[level], spread, free, levels[level]);
}
