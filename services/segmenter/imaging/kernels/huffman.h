/* Codes for symbols by how often they occur, as deflate has them. */

#ifndef MATTEBOX_HUFFMAN_H
#define MATTEBOX_HUFFMAN_H

#include <stdint.h>
#include <string.h>

enum { SYMBOLS = 286, LONGEST_CODE = 12 };

/* A code's first bit is the lowest of `reversed`. Without a length it does not occur. */
typedef struct {
  uint32_t reversed, length;
} code;

/* Sorts symbols that occur, the rarest first, by three bytes of their counts. Returns how many. */
static int by_count(const uint32_t *counts, uint16_t *symbols) {
  uint16_t other[SYMBOLS];
  int used = 0;
  for (int symbol = 0; symbol < SYMBOLS; symbol++)
    if (counts[symbol]) symbols[used++] = (uint16_t)symbol;
  for (int shift = 0; shift < 24; shift += 8) {
    int begin[257] = {0};
    for (int i = 0; i < used; i++) begin[(counts[symbols[i]] >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++) begin[digit + 1] += begin[digit];
    for (int i = 0; i < used; i++) other[begin[counts[symbols[i]] >> shift & 255]++] = symbols[i];
    memcpy(symbols, other, (size_t)used * sizeof *symbols);
  }
  return used;
}

/* Turns weights, the smallest first, into the lengths of their codes, in place: Moffat, Katajainen,
   In-Place Calculation of Minimum-Redundancy Codes (WADS 1995). */
static void lengths_of(uint32_t *weights, int used) {
  int leaf = 0, root = 0;
  for (int next = 0; next < used - 1; next++) {
    uint32_t sum = 0;
    for (int child = 0; child < 2; child++) {
      if (leaf >= used || (root < next && weights[root] < weights[leaf])) {
        sum += weights[root];
        weights[root++] = (uint32_t)next;
      } else
        sum += weights[leaf++];
    }
    weights[next] = sum;
  }
  weights[used - 2] = 0;
  for (int next = used - 3; next >= 0; next--) weights[next] = weights[weights[next]] + 1;
  int available = 1, next = used - 1;
  root = used - 2;
  for (uint32_t depth = 0; available > 0; depth++) {
    int inner = 0;
    for (; root >= 0 && weights[root] == depth; root--) inner++;
    for (; available > inner; available--) weights[next--] = depth;
    available = 2 * inner;
  }
}

/* Tells how many codes there are of each length, none above the longest that is allowed. */
static void shortened(const uint32_t *lengths, int used, int *of_length) {
  for (int i = 0; i < used; i++)
    of_length[lengths[i] < LONGEST_CODE ? lengths[i] : LONGEST_CODE]++;
  int taken = 0;
  for (int length = 1; length <= LONGEST_CODE; length++)
    taken += of_length[length] << (LONGEST_CODE - length);
  /* Each step makes one of the longest codes the sibling of a shorter one, which grows by a bit. */
  for (; taken > 1 << LONGEST_CODE; taken--) {
    int length = LONGEST_CODE - 1;
    while (!of_length[length]) length--;
    of_length[length]--;
    of_length[length + 1] += 2;
    of_length[LONGEST_CODE]--;
  }
}

static uint32_t reversed(uint32_t value, int length) {
  uint32_t found = 0;
  for (int bit = 0; bit < length; bit++) found |= (value >> bit & 1) << (length - 1 - bit);
  return found;
}

/* Makes codes of at least two symbols that occur. Counts are below 2^24. */
static void make_codes(const uint32_t *counts, code *codes) {
  uint16_t symbols[SYMBOLS];
  uint32_t lengths[SYMBOLS];
  int of_length[LONGEST_CODE + 1] = {0};
  const int used = by_count(counts, symbols);
  for (int i = 0; i < used; i++) lengths[i] = counts[symbols[i]];
  lengths_of(lengths, used);
  shortened(lengths, used, of_length);
  for (int length = 1, i = used; length <= LONGEST_CODE; length++)
    for (int left = of_length[length]; left; left--) codes[symbols[--i]].length = (uint32_t)length;
  uint32_t next[LONGEST_CODE + 1] = {0};
  for (int length = 1; length < LONGEST_CODE; length++)
    next[length + 1] = (next[length] + (uint32_t)of_length[length]) << 1;
  for (int symbol = 0; symbol < SYMBOLS; symbol++) {
    const uint32_t length = codes[symbol].length;
    if (length) codes[symbol].reversed = reversed(next[length]++, (int)length);
  }
}

#endif
