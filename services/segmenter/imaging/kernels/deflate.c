/* Compresses bytes by runs of zeros and Huffman codes; see deflate.py. */

#include "huffman.h"
#include "kernels.h"

enum { LITERALS = 256, END = 256 };
enum { SHORTEST_RUN = 3, LONGEST_RUN = 258, STRIDE = 8 };

/* Bits that are not written yet, the first the lowest. Fewer than eight between two calls. */
typedef struct {
  uint64_t held, count;
} bits;

typedef struct {
  uint8_t *to;
  bits *waiting;
  const code *codes;
} output;

/* At most 57 bits may be put between two calls of `move`, which writes up to eight bytes. */
static inline void put(bits *waiting, uint64_t value, uint64_t length) {
  waiting->held |= value << waiting->count;
  waiting->count += length;
}

static inline void move(output *out) {
  memcpy(out->to, &out->waiting->held, sizeof out->waiting->held);
  out->to += out->waiting->count >> 3;
  out->waiting->held >>= out->waiting->count & ~(uint64_t)7;
  out->waiting->count &= 7;
}

static inline void put_symbol(output *out, int symbol) {
  put(out->waiting, out->codes[symbol].reversed, out->codes[symbol].length);
}

typedef struct {
  int symbol, extra_bits, extra;
} run_code;

static run_code code_of_run(int length) {
  const int over = length - SHORTEST_RUN;
  if (length == LONGEST_RUN) return (run_code){285, 0, 0};
  if (over < 8) return (run_code){257 + over, 0, 0};
  const int extra_bits = 29 - __builtin_clz((unsigned)over);
  return (run_code){257 + 4 * extra_bits + (over >> extra_bits), extra_bits,
                    over & ((1 << extra_bits) - 1)};
}

static ptrdiff_t zeros(const uint8_t *from, ptrdiff_t length) {
  ptrdiff_t found = 0;
  uint64_t eight;
  for (; found + STRIDE <= length; found += STRIDE) {
    memcpy(&eight, from + found, sizeof eight);
    if (eight) return found + (__builtin_ctzll(eight) >> 3);
  }
  while (found < length && !from[found]) found++;
  return found;
}

/* Both passes part the bytes alike: eight zeros or more are one, repeated, and the rest itself. */

static void count(const uint8_t *from, ptrdiff_t length, uint32_t *counts) {
  uint32_t apart[4][LITERALS] = {{0}};
  ptrdiff_t at = 0;
  while (at + STRIDE <= length) {
    uint64_t eight;
    memcpy(&eight, from + at, sizeof eight);
    if (eight) {
      for (int i = 0; i < STRIDE; i++) apart[i & 3][eight >> (8 * i) & 255]++;
      at += STRIDE;
      continue;
    }
    const ptrdiff_t run = zeros(from + at, length - at), repeats = run - 1;
    const int rest = (int)(repeats % LONGEST_RUN);
    counts[code_of_run(LONGEST_RUN).symbol] += (uint32_t)(repeats / LONGEST_RUN);
    counts[0]++;
    if (rest >= SHORTEST_RUN) counts[code_of_run(rest).symbol]++;
    else counts[0] += (uint32_t)rest;
    at += run;
  }
  for (; at < length; at++) counts[from[at]]++;
  for (int value = 0; value < LITERALS; value++)
    counts[value] += apart[0][value] + apart[1][value] + apart[2][value] + apart[3][value];
  counts[END] = 1;
}

static void put_run(output *out, int length) {
  const run_code found = code_of_run(length);
  put_symbol(out, found.symbol);
  put(out->waiting, (uint64_t)found.extra, (uint64_t)found.extra_bits);
  put(out->waiting, 0, 1); /* the distance, 1, which has a code of one bit */
  move(out);
}

static void put_bytes(output *out, const uint8_t *from, ptrdiff_t length) {
  ptrdiff_t at = 0;
  while (at + STRIDE <= length) {
    uint64_t eight;
    memcpy(&eight, from + at, sizeof eight);
    if (eight) {
      for (int i = 0; i < STRIDE; i++) {
        put_symbol(out, (int)(eight >> (8 * i) & 255));
        if ((i & 3) == 3) move(out);
      }
      at += STRIDE;
      continue;
    }
    const ptrdiff_t run = zeros(from + at, length - at);
    ptrdiff_t repeats = run - 1;
    put_symbol(out, 0);
    move(out);
    for (; repeats >= LONGEST_RUN; repeats -= LONGEST_RUN) put_run(out, LONGEST_RUN);
    if (repeats >= SHORTEST_RUN) put_run(out, (int)repeats);
    else
      for (; repeats; repeats--) put_symbol(out, 0);
    move(out);
    at += run;
  }
  for (; at < length; at++) {
    put_symbol(out, from[at]);
    move(out);
  }
  put_symbol(out, END);
  move(out);
}

/* Lengths of codes are told by a code in which each of 0 to 15 is itself, in four bits. */
static void put_header(output *out) {
  bits *const waiting = out->waiting;
  put(waiting, 0, 1);             /* not the last block */
  put(waiting, 2, 2);             /* codes of its own */
  put(waiting, SYMBOLS - 257, 5); /* so many symbols */
  put(waiting, 1, 5);             /* two distances, since some readers refuse a single one */
  put(waiting, 19 - 4, 4);        /* all lengths of lengths */
  put(waiting, 0, 3 * 3);         /* no length is repeated */
  move(out);
  for (int length = 0; length < 16; length++) {
    put(waiting, 4, 3);
    move(out);
  }
  for (int symbol = 0; symbol < SYMBOLS; symbol++) {
    put(waiting, reversed(out->codes[symbol].length, 4), 4);
    move(out);
  }
  put(waiting, reversed(1, 4) * 0x11, 8);
  move(out);
}

/* Writes one block of a stream, and returns its bytes. `to` has room for one and a half times
   `length`, at least 1 and below 2^24, and a kilobyte. */
EXPORT ptrdiff_t deflate_block(const uint8_t *from, ptrdiff_t length, uint8_t *to, bits *waiting) {
  uint32_t counts[SYMBOLS] = {0};
  code codes[SYMBOLS] = {{0, 0}};
  bits held = *waiting;
  output out = {to, &held, codes};
  count(from, length, counts);
  make_codes(counts, codes);
  put_header(&out);
  put_bytes(&out, from, length);
  *waiting = held;
  return out.to - to;
}
