/* The order of names: by their first eight bytes at once, and what begins alike by all of them. */

#ifndef INDEXER_TEXT_ORDER_H
#define INDEXER_TEXT_ORDER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* For fewer, counting takes longer than it saves. */
#define FEW_NAMES 256

typedef struct {
    uint64_t key; /* its first eight bytes, as a number that has their order */
    const char *bytes;
    size_t size;
    int32_t place;
} Ordered;

static void
order_begin(Ordered *name, const char *bytes, size_t size, int32_t place)
{
    size_t at;
    name->key = 0;
    for (at = 0; at < 8; at++)
        name->key = name->key << 8 | (at < size ? (unsigned char)bytes[at] : 0u);
    name->bytes = bytes;
    name->size = size;
    name->place = place;
}

static int
compared(const void *one, const void *other)
{
    const Ordered *left = one, *right = other;
    size_t least;
    int order;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    least = left->size < right->size ? left->size : right->size;
    order = least ? memcmp(left->bytes, right->bytes, least) : 0;
    if (order || left->size != right->size)
        return order ? order : left->size < right->size ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* Sort names, by the bytes of their keys from the last to the first; other has room for as many. */
static void
order_all(Ordered *names, Ordered *other, size_t count)
{
    Ordered *from = names, *to = other, *swapped;
    size_t at, end, starts[256], sum, own;
    int shift;
    if (count < FEW_NAMES) {
        if (count)
            qsort(names, count, sizeof *names, compared);
        return;
    }
    for (shift = 0; shift < 64; shift += 8) {
        memset(starts, 0, sizeof starts);
        for (at = 0; at < count; at++)
            starts[from[at].key >> shift & 0xFF]++;
        if (starts[from[0].key >> shift & 0xFF] == count)
            continue; /* all have the same */
        for (at = sum = 0; at < 256; at++) {
            own = starts[at];
            starts[at] = sum;
            sum += own;
        }
        for (at = 0; at < count; at++)
            to[starts[from[at].key >> shift & 0xFF]++] = from[at];
        swapped = from;
        from = to;
        to = swapped;
    }
    if (from != names)
        memcpy(names, from, count * sizeof *names);
    for (at = 0; at < count; at = end) {
        for (end = at + 1; end < count && names[end].key == names[at].key; end++)
            ;
        if (end - at > 1)
            qsort(names + at, end - at, sizeof *names, compared);
    }
}

#endif
