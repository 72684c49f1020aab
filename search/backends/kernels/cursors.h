/* Ways through one posting list that decode no more of it than is asked for. */

#ifndef PASSAGES_CURSORS_H
#define PASSAGES_CURSORS_H

#include "sets.h"

/* A document of a list. Of those before it only the gaps were added, many at a time. */
typedef struct {
    List list;
    Py_ssize_t place;     /* of its term */
    Py_ssize_t at;        /* its place in the list, whose size at the end */
    uint64_t doc;         /* its number */
    Py_ssize_t summed;    /* of so many documents the frequencies were added */
    uint64_t positions;   /* which are so many */
} Cursor;

/* So many gaps are added before it is asked whether that was far enough. */
enum { LEAP = 16 };

static int cursor_begin(Cursor *self, Lists *lists, Py_ssize_t place)
{
    memset(self, 0, sizeof *self);
    if (lists_get(lists, place, &self->list) < 0)
        return -1;
    self->place = place;
    if (self->list.count)
        self->doc = number_in(self->list.gaps, self->list.gap_width, 0);
    return 0;
}

#define GO_ON(type, wide)                                                                        \
    do {                                                                                         \
        for (; next + LEAP <= count; next += LEAP) {                                             \
            wide sum = 0;                                                                        \
            for (int number = 0; number < LEAP; number++) {                                      \
                type gap;                                                                        \
                memcpy(&gap, gaps + (next + number) * (Py_ssize_t)sizeof gap, sizeof gap);       \
                sum = (wide)(sum + gap);                                                         \
            }                                                                                    \
            if (at + sum >= doc)                                                                 \
                break;                                                                           \
            at += sum;                                                                           \
        }                                                                                        \
        for (; next < count; next++) {                                                           \
            type gap;                                                                            \
            memcpy(&gap, gaps + next * (Py_ssize_t)sizeof gap, sizeof gap);                      \
            at += gap;                                                                           \
            if (at >= doc)                                                                       \
                break;                                                                           \
        }                                                                                        \
    } while (0)

/* Go on to the first document that is not below one; whether it is that. */
static inline int cursor_go(Cursor *self, uint32_t doc)
{
    Py_ssize_t count = self->list.count, next = self->at + 1;
    const unsigned char *gaps = self->list.gaps;
    uint64_t at = self->doc;
    if (self->at == count)
        return 0;
    if (at < doc) {
        if (self->list.gap_width == 1)
            GO_ON(uint8_t, uint16_t);
        else if (self->list.gap_width == 2)
            GO_ON(uint16_t, uint32_t);
        else
            GO_ON(uint32_t, uint64_t);
        self->at = next;
        self->doc = at;
        if (next == count)
            return 0;
    }
    return at == doc;
}

static inline uint32_t cursor_frequency(const Cursor *self)
{
    return frequency_in(&self->list, self->at);
}

/* Where the positions of the document at hand begin. */
static inline uint64_t cursor_first(Cursor *self)
{
    if (!self->list.frequency_width)
        return (uint64_t)self->at;
    if (self->list.frequency_width == 1) {
        const unsigned char *frequencies = self->list.frequencies;
        uint64_t sum = 0;
        for (Py_ssize_t at = self->summed; at < self->at; at++)
            sum += frequencies[at];
        self->positions += sum;
    } else {
        for (Py_ssize_t at = self->summed; at < self->at; at++)
            self->positions += frequency_in(&self->list, at);
    }
    self->summed = self->at;
    return self->positions;
}

#define KEEP_MARKED(type)                                                                        \
    for (; at < list->count && kept < most; at++) {                                              \
        type gap;                                                                                \
        memcpy(&gap, list->gaps + at * (Py_ssize_t)sizeof gap, sizeof gap);                      \
        doc += gap;                                                                              \
        if (doc >= size)                                                                         \
            return -1;                                                                           \
        if (is_marked(bits, (uint32_t)doc)) {                                                    \
            found->docs[kept] = (uint32_t)doc;                                                   \
            found->numbers[kept++] = frequency_in(list, at);                                     \
        }                                                                                        \
    }

/* Put what of a list is marked into counts; how much that is, -1 where documents are not there. */
static Py_ssize_t marked_keep(const List *list, const uint64_t *bits, uint64_t size, Counts *found)
{
    Py_ssize_t at = 0, kept = 0, most = found->size;
    uint64_t doc = 0;
    if (list->gap_width == 1) {
        KEEP_MARKED(uint8_t)
    } else if (list->gap_width == 2) {
        KEEP_MARKED(uint16_t)
    } else {
        KEEP_MARKED(uint32_t)
    }
    return kept;
}

/* Put what of a list is in a set of far fewer documents into counts; how much that is. */
static Py_ssize_t few_keep(Cursor *cursor, const Counts *within, Counts *found)
{
    Py_ssize_t kept = 0;
    for (Py_ssize_t at = 0; at < within->size; at++) {
        if (cursor_go(cursor, within->docs[at])) {
            found->docs[kept] = within->docs[at];
            found->numbers[kept++] = cursor_frequency(cursor);
        } else if (cursor->at == cursor->list.count) {
            break;
        }
    }
    return kept;
}

/* How often a term stands in some documents; those may be marked already. */
static Counts *term_counts_in(Segment *self, Lists *lists, Py_ssize_t place, const Counts *within,
                              const uint64_t *bits)
{
    Cursor cursor;
    Counts *found;
    Py_ssize_t kept;
    if (cursor_begin(&cursor, lists, place) < 0)
        return NULL;
    found = counts_new(within->size < cursor.list.count ? within->size : cursor.list.count, 1);
    if (!found)
        return NULL;
    if (within->size * LEAP < cursor.list.count) {
        kept = few_keep(&cursor, within, found);
    } else if (bits) {
        kept = marked_keep(&cursor.list, bits, (uint64_t)self->size, found);
    } else {
        Scratch *scratch = marking(self);
        if (!scratch) {
            Py_DECREF((PyObject *)found);
            return NULL;
        }
        for (Py_ssize_t at = 0; at < within->size; at++)
            mark(scratch->bits, within->docs[at]);
        kept = marked_keep(&cursor.list, scratch->bits, (uint64_t)self->size, found);
        for (Py_ssize_t at = 0; at < within->size; at++)
            scratch->bits[within->docs[at] >> 6] = 0;
        scratch_give(self, scratch);
    }
    if (kept < 0) {
        lists_damaged("names documents that are not there", place);
        Py_DECREF((PyObject *)found);
        return NULL;
    }
    counts_shrink(found, kept);
    return found;
}

#endif
