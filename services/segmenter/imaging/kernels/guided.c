/* Fits a matte as a linear function of colour around every cell; see guided.py. */

#include "kernels.h"

enum { SQUARES = 4, PRODUCTS = 10, MOMENTS = 13, MODEL = 4, RADIUS = 4, SIDE = 9 };

static const int FACTORS[MOMENTS - SQUARES][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2},
                                                  {2, 2}, {0, 3}, {1, 3}, {2, 3}};

/* Sums nine terms that lie `step` apart, in pairs of pairs: so no rounding adds up. */
static void summed(const float *restrict terms, ptrdiff_t step, ptrdiff_t count,
                   float *restrict sums) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const float *const at = terms + i;
    const float left = (at[step] + at[2 * step]) + (at[3 * step] + at[4 * step]);
    const float right = (at[5 * step] + at[6 * step]) + (at[7 * step] + at[8 * step]);
    sums[i] = at[0] + (left + right);
  }
}

/* Takes means over windows of nine by nine. `padded` has four rows more at either end, which this
   fills; `line` is eight longer than a row. Beyond the edges the outermost cells go on. */
static void averaged(float *padded, ptrdiff_t height, ptrdiff_t width, float *line, float *means) {
  const size_t row_bytes = (size_t)width * sizeof *padded;
  const float share = (float)(1.0 / (SIDE * SIDE));
  for (int row = 0; row < RADIUS; row++) {
    memcpy(padded + row * width, padded + RADIUS * width, row_bytes);
    memcpy(padded + (RADIUS + height + row) * width, padded + (RADIUS + height - 1) * width,
           row_bytes);
  }
  for (ptrdiff_t y = 0; y < height; y++) {
    float *const mean = means + y * width;
    summed(padded + y * width, width, width, line + RADIUS);
    for (int x = 0; x < RADIUS; x++) {
      line[x] = line[RADIUS];
      line[RADIUS + width + x] = line[RADIUS + width - 1];
    }
    summed(line, 1, width, mean);
    for (ptrdiff_t x = 0; x < width; x++) mean[x] *= share;
  }
}

/* Overwrites the first four means by the factors and the constant. By Cholesky's L D L^T: cofactors
   would be no shorter, and lose the determinant to rounding where all colours of a window lie on a
   line, as in every grey picture. */
static void solved(float *means, ptrdiff_t count, float epsilon) {
  float *restrict const red = means, *restrict const green = means + count;
  float *restrict const blue = means + 2 * count, *restrict const matte = means + 3 * count;
  const float *restrict const squares = means + SQUARES * count;
  const float *restrict const products = means + PRODUCTS * count;
  for (ptrdiff_t i = 0; i < count; i++) {
    const float r = red[i], g = green[i], b = blue[i], a = matte[i];
    const float rr = squares[i] - r * r + epsilon, rg = squares[count + i] - r * g;
    const float rb = squares[2 * count + i] - r * b;
    const float gg = squares[3 * count + i] - g * g + epsilon;
    const float gb = squares[4 * count + i] - g * b;
    const float bb = squares[5 * count + i] - b * b + epsilon;
    const float ra = products[i] - r * a, ga = products[count + i] - g * a;
    const float ba = products[2 * count + i] - b * a;
    const float green_by_red = rg / rr, blue_by_red = rb / rr;
    const float gg_left = gg - green_by_red * rg, gb_left = gb - green_by_red * rb;
    const float blue_by_green = gb_left / gg_left;
    const float bb_left = bb - blue_by_red * rb - blue_by_green * gb_left;
    const float ga_left = ga - green_by_red * ra;
    const float ba_left = ba - blue_by_red * ra - blue_by_green * ga_left;
    const float of_blue = ba_left / bb_left;
    const float of_green = ga_left / gg_left - blue_by_green * of_blue;
    const float of_red = ra / rr - green_by_red * of_green - blue_by_red * of_blue;
    red[i] = of_red;
    green[i] = of_green;
    blue[i] = of_blue;
    matte[i] = a - (of_red * r + of_green * g + of_blue * b);
  }
}

/* `room` has space for 13 planes, one of eight rows more, and a line as much longer. */
EXPORT void colour_model(const float *guide, const float *matte, ptrdiff_t height, ptrdiff_t width,
                         float epsilon, float *model, float *room) {
  const ptrdiff_t count = height * width;
  float *const means = room, *const padded = means + MOMENTS * count;
  float *const middle = padded + RADIUS * width, *const line = middle + count + RADIUS * width;
  const float *const planes[MODEL] = {guide, guide + count, guide + 2 * count, matte};
  for (int moment = 0; moment < MOMENTS; moment++) {
    if (moment < SQUARES) {
      memcpy(middle, planes[moment], (size_t)count * sizeof *middle);
    } else {
      const float *restrict const one = planes[FACTORS[moment - SQUARES][0]];
      const float *restrict const other = planes[FACTORS[moment - SQUARES][1]];
      for (ptrdiff_t i = 0; i < count; i++) middle[i] = one[i] * other[i];
    }
    averaged(padded, height, width, line, means + moment * count);
  }
  solved(means, count, epsilon);
  for (int plane = 0; plane < MODEL; plane++) {
    memcpy(middle, means + plane * count, (size_t)count * sizeof *middle);
    averaged(padded, height, width, line, model + plane * count);
  }
}
