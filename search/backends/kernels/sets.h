/* Posting lists -> counts, and what is made of counts and sets of one segment. */

#ifndef PASSAGES_SETS_H
#define PASSAGES_SETS_H

#include "segment.h"

#if defined(_MSC_VER)
#include <intrin.h>
#endif

/* Where one set is so many times longer than the other, the shorter one is looked up in it. */
enum { MUCH_LONGER = 8 };
/* So few documents are added faster one by one, whatever else there is. */
enum { FEW = 64 };
/* From so many documents on other threads may go on meanwhile. */
enum { MANY = 1 << 14 };
/* Between two looks at the clock so many small steps are done, each of a few nanoseconds. */
enum { STEPS = 1 << 19 };

/* The place of the lowest bit of some. */
static inline int lowest_bit(uint64_t bits)
{
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_ctzll(bits);
#elif defined(_MSC_VER) && defined(_WIN64)
    unsigned long at;
    _BitScanForward64(&at, bits);
    return (int)at;
#else
    int at = 0;
    while (!(bits & 1)) {
        bits >>= 1;
        at++;
    }
    return at;
#endif
}

static const uint64_t NO_DOC = UINT64_MAX;

#define SUM_GAPS(type)                                                                           \
    for (Py_ssize_t at = 0; at < list->count; at++) {                                            \
        type gap;                                                                                \
        memcpy(&gap, list->gaps + at * (Py_ssize_t)sizeof gap, sizeof gap);                      \
        doc += gap;                                                                              \
        same += gap == 0;                                                                        \
        docs[at] = (uint32_t)doc;                                                                \
    }

/* The documents of a list; the last one's number, which is the highest; NO_DOC if none is. */
static uint64_t list_docs(const List *list, uint32_t *docs)
{
    uint64_t doc = 0;
    Py_ssize_t same = 0; /* that are no further than the one before */
    if (list->gap_width == 1) {
        SUM_GAPS(uint8_t)
    } else if (list->gap_width == 2) {
        SUM_GAPS(uint16_t)
    } else {
        SUM_GAPS(uint32_t)
    }
    if (same > (list->count && docs[0] == 0))
        return NO_DOC;
    return doc;
}

static inline uint32_t frequency_in(const List *list, Py_ssize_t at)
{
    return list->frequency_width
               ? (uint32_t)number_in(list->frequencies, list->frequency_width, at)
               : 1;
}

static int list_check(Py_ssize_t size, const List *list, uint64_t last, Py_ssize_t place)
{
    if (list->count && last >= (uint64_t)size)
        return lists_damaged("names documents that are not there", place);
    return 0;
}

/* By document, the place of its term, where each has one. */
static uint32_t *places_by_doc(Lists *lists, Py_ssize_t size)
{
    uint32_t *places = zeroed(NULL, (size_t)size, sizeof *places);
    for (Py_ssize_t place = 0; places && place < lists_size(lists); place++) {
        List list;
        uint64_t doc = 0;
        if (lists_get(lists, place, &list) < 0)
            goto failed;
        for (Py_ssize_t at = 0; at < list.count; at++) {
            doc += number_in(list.gaps, list.gap_width, at);
            if (list_check(size, &list, doc, place) < 0)
                goto failed;
            places[doc] = (uint32_t)place;
        }
    }
    return places;
failed:
    free(places);
    return NULL;
}

/* The frequencies of a list. */
static void list_numbers(const List *list, double *numbers)
{
    if (list->frequency_width == 0) {
        for (Py_ssize_t at = 0; at < list->count; at++)
            numbers[at] = 1.0;
    } else if (list->frequency_width == 1) {
        for (Py_ssize_t at = 0; at < list->count; at++)
            numbers[at] = list->frequencies[at];
    } else {
        for (Py_ssize_t at = 0; at < list->count; at++)
            numbers[at] = frequency_in(list, at);
    }
}

/* Where the positions of each document of a list begin; how many there are. */
static uint64_t list_firsts(const List *list, uint32_t *firsts)
{
    uint64_t first = 0;
    for (Py_ssize_t at = 0; at < list->count; at++) {
        firsts[at] = (uint32_t)first;
        first += frequency_in(list, at);
    }
    return first;
}

/* Learn where the positions of a term begin in each document. */
static int positions_learn(Counts *counts, Lists *lists, const List *list, Py_ssize_t place)
{
    uint64_t positions;
    counts->firsts = malloc((size_t)(list->count ? list->count : 1) * sizeof *counts->firsts);
    if (!counts->firsts) {
        PyErr_NoMemory();
        return -1;
    }
    positions = list_firsts(list, counts->firsts);
    if (positions > UINT32_MAX || (list->position_width && positions > list->position_bytes /
                                                               (unsigned)list->position_width))
        return lists_damaged("is cut off", place);
    Py_INCREF((PyObject *)lists);
    counts->owner = (PyObject *)lists;
    counts->positions = list->positions;
    counts->position_width = list->position_width;
    return 0;
}

/* The live documents of one term, with how often it stands in each, and where if it is wanted. */
static Counts *term_counts(Segment *self, Lists *lists, Py_ssize_t place, int has_positions)
{
    List list;
    Counts *counts;
    uint64_t last;
    PyThreadState *thread;
    if (lists_get(lists, place, &list) < 0)
        return NULL;
    if (list.count > self->size) {
        lists_damaged("names documents that are not there", place);
        return NULL;
    }
    counts = counts_new(list.count, 1);
    if (!counts)
        return NULL;
    thread = list.count > MANY ? PyEval_SaveThread() : NULL;
    last = list_docs(&list, counts->docs);
    list_numbers(&list, counts->numbers);
    if (thread)
        PyEval_RestoreThread(thread);
    if (list_check(self->size, &list, last, place) < 0 ||
        (has_positions && positions_learn(counts, lists, &list, place) < 0)) {
        Py_DECREF((PyObject *)counts);
        return NULL;
    }
    if (self->live) {
        Py_ssize_t kept = 0;
        for (Py_ssize_t at = 0; at < list.count; at++) {
            counts->docs[kept] = counts->docs[at];
            counts->numbers[kept] = counts->numbers[at];
            if (counts->firsts)
                counts->firsts[kept] = counts->firsts[at];
            kept += is_live(self, counts->docs[kept]);
        }
        counts->size = kept;
    }
    return counts;
}

/* Room for marks of documents. */
static Scratch *marking(Segment *self)
{
    Scratch *scratch = scratch_take(self);
    if (!scratch)
        return NULL;
    scratch->bits = zeroed(scratch->bits, words_of(self), sizeof *scratch->bits);
    if (scratch->bits)
        return scratch;
    scratch_give(self, scratch);
    return NULL;
}

/* Room for sums by document, and marks of those that have one. */
static Scratch *summing(Segment *self)
{
    Scratch *scratch = marking(self);
    if (!scratch)
        return NULL;
    scratch->sums = zeroed(scratch->sums, (size_t)self->size, sizeof *scratch->sums);
    if (scratch->sums)
        return scratch;
    scratch_give(self, scratch);
    return NULL;
}

static inline void mark(uint64_t *bits, uint32_t doc)
{
    bits[doc >> 6] |= (uint64_t)1 << (doc & 63);
}

static inline int is_marked(const uint64_t *bits, uint32_t doc)
{
    return (int)(bits[doc >> 6] >> (doc & 63) & 1);
}

/* What is marked, so many at most, and live, with the sums if they are wanted.

 * The room is 0 again, and given back.
 */
static Counts *summed(Segment *self, Scratch *scratch, Py_ssize_t most, int has_sums,
                      int has_numbers)
{
    size_t words = words_of(self);
    Py_ssize_t at = 0;
    Counts *counts = counts_new(most < self->size ? most : self->size, has_numbers);
    for (size_t word = 0; word < words; word++) {
        uint64_t bits = scratch->bits[word];
        scratch->bits[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t doc = (uint32_t)(word * 64) + (uint32_t)lowest_bit(bits);
            if (counts && is_live(self, doc)) {
                counts->docs[at] = doc;
                if (has_numbers)
                    counts->numbers[at] = scratch->sums[doc];
                at++;
            }
            if (has_sums)
                scratch->sums[doc] = 0;
        }
    }
    scratch_give(self, scratch);
    if (counts)
        counts_shrink(counts, at);
    return counts;
}

/* Add the frequencies of a term to sums; how many documents there are, -1 where it is damaged. */
static Py_ssize_t list_add(Segment *self, Scratch *scratch, Lists *lists, Py_ssize_t place)
{
    List list;
    uint64_t doc = 0;
    if (lists_get(lists, place, &list) < 0)
        return -1;
    for (Py_ssize_t at = 0; at < list.count; at++) {
        doc += number_in(list.gaps, list.gap_width, at);
        if (list_check(self->size, &list, doc, place) < 0)
            return -1;
        scratch->sums[doc] += frequency_in(&list, at);
        mark(scratch->bits, (uint32_t)doc);
    }
    return list.count;
}

/* How often any of some terms occurs; ``places`` is a sequence of numbers. */
static Counts *terms_counts(Segment *self, Lists *lists, PyObject *places)
{
    Py_ssize_t size = PySequence_Size(places), most = 0, count;
    Scratch *scratch;
    int failed = 0;
    if (size < 0 || !(scratch = summing(self)))
        return NULL;
    for (Py_ssize_t number = 0; number < size && !failed; number++) {
        PyObject *one = PySequence_GetItem(places, number);
        Py_ssize_t place = one ? PyLong_AsSsize_t(one) : -1;
        Py_XDECREF(one);
        count = PyErr_Occurred() ? -1 : list_add(self, scratch, lists, place);
        failed = count < 0;
        most += count;
    }
    if (failed) { /* what was raised must not be lost while the room is cleared */
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        Py_XDECREF((PyObject *)summed(self, scratch, self->size, 1, 0));
        PyErr_Restore(type, value, traceback);
        return NULL;
    }
    return summed(self, scratch, most, 1, 1);
}

/* Two counts, added; or a set of what is in either. */
static Counts *counts_merged(const Counts *one, const Counts *other, int has_numbers)
{
    Counts *found = counts_new(one->size + other->size, has_numbers);
    Py_ssize_t a = 0, b = 0, kept = 0;
    if (!found)
        return NULL;
    for (; a < one->size || b < other->size; kept++) {
        int is_one = b == other->size || (a < one->size && one->docs[a] <= other->docs[b]);
        uint32_t doc = is_one ? one->docs[a] : other->docs[b];
        double number = is_one ? count_of(one, a++) : 0;
        if (b < other->size && other->docs[b] == doc)
            number += count_of(other, b++);
        found->docs[kept] = doc;
        if (has_numbers)
            found->numbers[kept] = number;
    }
    counts_shrink(found, kept);
    return found;
}

/* Counts of several, all but one of which are short, added one after the other. */
static Counts *counts_merged_all(Counts *const *each, Py_ssize_t number, int has_numbers)
{
    Counts *found = each[0];
    Py_INCREF((PyObject *)found);
    for (Py_ssize_t one = 1; one < number; one++) {
        Counts *more = counts_merged(found, each[one], has_numbers);
        Py_DECREF((PyObject *)found);
        if (!(found = more))
            return NULL;
    }
    return found;
}

/* Counts of several, added; or of a set that is in any of them. */
static Counts *counts_added(Segment *self, Counts *const *each, Py_ssize_t number, int has_numbers)
{
    Scratch *scratch;
    Py_ssize_t most = 0, longest = 0;
    for (Py_ssize_t one = 0; one < number; one++) {
        most += each[one]->size;
        longest = each[one]->size > longest ? each[one]->size : longest;
    }
    if (number && (most - longest) * number <= longest / MUCH_LONGER + FEW)
        return counts_merged_all(each, number, has_numbers);
    scratch = summing(self);
    if (!scratch)
        return NULL;
    most = 0;
    for (Py_ssize_t one = 0; one < number; one++) {
        const Counts *counts = each[one];
        most += counts->size;
        if (has_numbers) {
            for (Py_ssize_t at = 0; at < counts->size; at++) {
                scratch->sums[counts->docs[at]] += count_of(counts, at);
                mark(scratch->bits, counts->docs[at]);
            }
        } else {
            for (Py_ssize_t at = 0; at < counts->size; at++)
                mark(scratch->bits, counts->docs[at]);
        }
    }
    return summed(self, scratch, most, has_numbers, has_numbers);
}

/* What of some counts is (or is not) in a set; numbers are kept. */
static Counts *counts_in(Segment *self, const Counts *counts, const Counts *set, int is_in)
{
    int is_short = is_in && set->size * MUCH_LONGER < counts->size;
    Counts *found = counts_new(is_short ? set->size : counts->size, counts->numbers != NULL);
    Py_ssize_t kept = 0;
    if (!found)
        return NULL;
#define KEEP(at)                                                                                 \
    do {                                                                                         \
        found->docs[kept] = counts->docs[at];                                                    \
        if (counts->numbers)                                                                     \
            found->numbers[kept] = counts->numbers[at];                                          \
        kept++;                                                                                  \
    } while (0)
    if (is_short) {
        Py_ssize_t place = 0;
        for (Py_ssize_t at = 0; at < set->size; at++) {
            place = seek(counts->docs, counts->size, place, set->docs[at]);
            if (place < counts->size && counts->docs[place] == set->docs[at])
                KEEP(place);
        }
    } else if (counts->size * MUCH_LONGER < set->size || counts->size < 64) {
        Py_ssize_t place = 0;
        for (Py_ssize_t at = 0; at < counts->size; at++) {
            place = seek(set->docs, set->size, place, counts->docs[at]);
            if ((place < set->size && set->docs[place] == counts->docs[at]) == is_in)
                KEEP(at);
        }
    } else {
        Scratch *scratch = marking(self);
        if (!scratch) {
            Py_DECREF((PyObject *)found);
            return NULL;
        }
        for (Py_ssize_t at = 0; at < set->size; at++)
            mark(scratch->bits, set->docs[at]);
        for (Py_ssize_t at = 0; at < counts->size; at++)
            if (is_marked(scratch->bits, counts->docs[at]) == is_in)
                KEEP(at);
        for (Py_ssize_t at = 0; at < set->size; at++)
            scratch->bits[set->docs[at] >> 6] = 0;
        scratch_give(self, scratch);
    }
#undef KEEP
    counts_shrink(found, kept);
    return found;
}

/* The records of the articles of some paragraphs, with the sums of their numbers. */
static Counts *counts_of_articles(const Segment *self, const Counts *counts, int has_numbers)
{
    Counts *found = counts_new(counts->size, has_numbers);
    Py_ssize_t kept = 0;
    if (!found)
        return NULL;
    for (Py_ssize_t at = 0; at < counts->size; at++) {
        uint32_t record = parent_of(self, counts->docs[at]);
        double number = count_of(counts, at);
        if (kept && found->docs[kept - 1] == record) {
            if (has_numbers)
                found->numbers[kept - 1] += number;
        } else {
            found->docs[kept] = record;
            if (has_numbers)
                found->numbers[kept] = number;
            kept++;
        }
    }
    counts_shrink(found, kept);
    return found;
}

/* The counts of articles; those of titles are weighted in. */
static Counts *article_counts(Segment *self, const Counts *body, const Counts *titles)
{
    Counts *each[2] = {NULL, counts_of_articles(self, body, 1)}, *found;
    if (!each[1] || !titles->size)
        return each[1];
    each[0] = counts_new(titles->size, 1);
    for (Py_ssize_t at = 0; each[0] && at < titles->size; at++) {
        each[0]->docs[at] = titles->docs[at];
        each[0]->numbers[at] = self->ranking.article_title_weight * count_of(titles, at);
    }
    found = each[0] ? counts_added(self, each, 2, 1) : NULL;
    Py_XDECREF((PyObject *)each[0]);
    Py_DECREF((PyObject *)each[1]);
    return found;
}

/* The live paragraphs of some articles, with the numbers of their records. */
static Counts *counts_of_children(const Segment *self, const Counts *records)
{
    Py_ssize_t size = 0, kept = 0;
    Counts *found;
    for (int is_counted = 0; is_counted < 2; is_counted++) {
        found = is_counted ? counts_new(size, records->numbers != NULL) : NULL;
        if (is_counted && !found)
            return NULL;
        for (Py_ssize_t at = 0; at < records->size; at++) {
            uint32_t record = records->docs[at];
            Py_ssize_t doc = (Py_ssize_t)record + 1;
            for (; doc < self->size && number_at(&self->parents, doc) == record; doc++) {
                if (is_counted) {
                    found->docs[kept] = (uint32_t)doc;
                    if (records->numbers)
                        found->numbers[kept] = records->numbers[at];
                    kept++;
                } else {
                    size++;
                }
            }
        }
    }
    return found;
}

/* All live paragraphs. */
static Counts *all_passages(const Segment *self)
{
    Counts *found = counts_new(self->size, 0);
    Py_ssize_t kept = 0;
    for (Py_ssize_t doc = 0; found && doc < self->size; doc++) {
        found->docs[kept] = (uint32_t)doc;
        kept += parent_of(self, (uint32_t)doc) != (uint32_t)doc && is_live(self, (uint32_t)doc);
    }
    if (found)
        counts_shrink(found, kept);
    return found;
}

#endif
