/* Where the parts of a sequence stand together, in order; see ``find_chains``. */

#ifndef PASSAGES_CHAINS_H
#define PASSAGES_CHAINS_H

#include "cursors.h"

/* One part: a term or several, at an offset. */
typedef struct {
    int64_t offset;
    const Counts *counts;   /* NULL: it is a term whose list is gone through as far as is needed */
    Cursor cursor;          /* the way through that */
    Py_ssize_t at;          /* the document at hand, of counts */
    const unsigned char *positions;
    int position_width;     /* 0: all are 0 */
    uint32_t first, number; /* those of the document at hand */
} Part;

static Part part_of_counts(int64_t offset, const Counts *counts)
{
    Part part;
    memset(&part, 0, sizeof part);
    part.offset = offset;
    part.counts = counts;
    part.positions = counts->positions;
    part.position_width = counts->position_width;
    return part;
}

static inline Py_ssize_t part_size(const Part *part)
{
    return part->counts ? part->counts->size : part->cursor.list.count;
}

static inline uint32_t position_of(const Part *part, uint32_t number)
{
    return part->position_width ? (uint32_t)number_in(part->positions, part->position_width,
                                                      (Py_ssize_t)part->first + number)
                                : 0;
}

static int by_number(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

/* Several terms that stand for one: their counts, added, with the positions of all. */
static Counts *terms_positions(Segment *self, Lists *lists, PyObject *places)
{
    Py_ssize_t size = PySequence_Size(places), number = 0;
    Counts **each, *found = NULL;
    uint32_t *filled = NULL;
    double total = 0;
    if (size < 0)
        return NULL;
    each = calloc((size_t)(size ? size : 1), sizeof *each);
    if (!each) {
        PyErr_NoMemory();
        return NULL;
    }
    for (; number < size; number++) {
        PyObject *one = PySequence_GetItem(places, number);
        Py_ssize_t place = one ? PyLong_AsSsize_t(one) : -1;
        Py_XDECREF(one);
        if (PyErr_Occurred() || !(each[number] = term_counts(self, lists, place, 1)))
            goto done;
    }
    found = counts_added(self, each, size, 1);
    if (!found)
        goto done;
    for (Py_ssize_t at = 0; at < found->size; at++)
        total += found->numbers[at];
    found->firsts = calloc((size_t)found->size + 1, sizeof *found->firsts);
    filled = calloc((size_t)found->size + 1, sizeof *filled);
    if (total <= UINT32_MAX)
        found->own_positions = calloc((size_t)total + 1, sizeof *found->own_positions);
    if (!found->firsts || !filled || !found->own_positions) {
        PyErr_NoMemory();
        Py_CLEAR(found);
        goto done;
    }
    found->positions = (const unsigned char *)found->own_positions;
    found->position_width = sizeof *found->own_positions;
    for (Py_ssize_t at = 1; at < found->size; at++)
        found->firsts[at] = found->firsts[at - 1] + (uint32_t)found->numbers[at - 1];
    for (Py_ssize_t one = 0; one < size; one++) {
        Part part = part_of_counts(0, each[one]);
        Py_ssize_t to = 0;
        for (; part.at < each[one]->size; part.at++) {
            to = seek(found->docs, found->size, to, each[one]->docs[part.at]);
            part.first = each[one]->firsts[part.at];
            part.number = (uint32_t)each[one]->numbers[part.at];
            for (uint32_t at = 0; at < part.number; at++)
                found->own_positions[found->firsts[to] + filled[to]++] = position_of(&part, at);
        }
    }
    for (Py_ssize_t at = 0; at < found->size; at++)
        if (filled[at] > 1)
            qsort(found->own_positions + found->firsts[at], filled[at], sizeof(uint32_t),
                  by_number);
done:
    for (Py_ssize_t one = 0; one < number; one++)
        Py_XDECREF((PyObject *)each[one]);
    free(each);
    free(filled);
    return found;
}

/* The work on one sequence. */
typedef struct {
    Part *parts; /* by offset */
    Py_ssize_t size;
    Py_ssize_t lead; /* the one in the fewest documents */
    uint32_t *kept;  /* positions of the parts of one document, offset by offset */
    size_t kept_room;
    Py_ssize_t *ends, *nexts; /* by offset, in kept */
    const Cursor *damaged;    /* a list that is cut off; NULL: none was found to be */
} Sequence;

static void sequence_free(Sequence *sequence)
{
    free(sequence->parts);
    free(sequence->kept);
    free(sequence->ends);
    free(sequence->nexts);
}

/* Make room for so many parts, one at least. */
static int sequence_begin(Sequence *sequence, Py_ssize_t size)
{
    memset(sequence, 0, sizeof *sequence);
    if (size < 1) {
        PyErr_SetString(PyExc_ValueError, "a sequence has a part at least");
        return -1;
    }
    sequence->parts = calloc((size_t)size, sizeof *sequence->parts);
    sequence->ends = calloc((size_t)size + 1, sizeof *sequence->ends);
    sequence->nexts = calloc((size_t)size + 1, sizeof *sequence->nexts);
    if (!sequence->parts || !sequence->ends || !sequence->nexts) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/* Put a part where its offset says. */
static int sequence_put(Sequence *sequence, Part part)
{
    Py_ssize_t to = sequence->size;
    if (part.offset < -INT32_MAX || part.offset > INT32_MAX ||
        (part.counts && !part.counts->firsts)) {
        PyErr_SetString(PyExc_ValueError, "these are no parts of a sequence");
        return -1;
    }
    for (; to > 0 && sequence->parts[to - 1].offset > part.offset; to--)
        sequence->parts[to] = sequence->parts[to - 1];
    sequence->parts[to] = part;
    sequence->size++;
    return 0;
}

static void sequence_lead(Sequence *sequence)
{
    sequence->lead = 0;
    for (Py_ssize_t at = 1; at < sequence->size; at++)
        if (part_size(&sequence->parts[at]) < part_size(&sequence->parts[sequence->lead]))
            sequence->lead = at;
}

/* Read (offset, counts) of one or more parts, which the caller keeps alive. */
static int sequence_read(Sequence *sequence, PyObject *parts)
{
    Py_ssize_t size = PySequence_Size(parts);
    memset(sequence, 0, sizeof *sequence);
    if (size < 0 || sequence_begin(sequence, size) < 0)
        return -1;
    for (Py_ssize_t number = 0; number < size; number++) {
        PyObject *one = PySequence_GetItem(parts, number), *given;
        const Counts *counts;
        long long offset;
        int is_read = one && PyArg_ParseTuple(one, "LO", &offset, &given);
        Py_XDECREF(one); /* the parts hold it */
        if (!is_read || !(counts = counts_from(given)) ||
            sequence_put(sequence, part_of_counts(offset, counts)) < 0)
            return -1;
    }
    sequence_lead(sequence);
    return 0;
}

/* Learn where a part stands in the document that its cursor is at; whether it is all there. */
static int part_read(Part *part)
{
    uint64_t first = cursor_first(&part->cursor);
    part->number = cursor_frequency(&part->cursor);
    part->first = (uint32_t)first;
    return first + part->number <= UINT32_MAX &&
           (!part->position_width || first + part->number <= part->cursor.list.position_bytes /
                                                                 (unsigned)part->position_width);
}

/* Go to a document; whether all parts are in it. */
static inline int sequence_go(Sequence *sequence, uint32_t doc)
{
    for (Py_ssize_t at = 0; at < sequence->size; at++) {
        Part *part = &sequence->parts[at];
        const Counts *counts = part->counts;
        if (!counts) {
            if (!cursor_go(&part->cursor, doc))
                return 0;
            continue;
        }
        part->at = seek(counts->docs, counts->size, part->at, doc);
        if (part->at == counts->size || counts->docs[part->at] != doc)
            return 0;
        part->first = counts->firsts[part->at];
        part->number = (uint32_t)counts->numbers[part->at];
    }
    for (Py_ssize_t at = 0; at < sequence->size; at++) {
        Part *part = &sequence->parts[at];
        if (!part->counts && !part_read(part)) {
            sequence->damaged = &part->cursor;
            return 0;
        }
    }
    return 1;
}

/* How many starts all parts have in common in the document at hand; adds the steps taken. */
static uint32_t starts_in(const Sequence *sequence, Py_ssize_t *nexts, uint64_t *steps)
{
    const Part *lead = &sequence->parts[0];
    uint32_t number = 0;
    for (Py_ssize_t at = 0; at < sequence->size; at++) {
        nexts[at] = 0;
        *steps += sequence->parts[at].number;
        if (sequence->parts[at].number < lead->number)
            lead = &sequence->parts[at];
    }
    for (uint32_t place = 0; place < lead->number; place++) {
        uint32_t position = position_of(lead, place);
        int64_t start = (int64_t)position - lead->offset;
        Py_ssize_t at = 0;
        if (place && position_of(lead, place - 1) == position)
            continue;
        for (; at < sequence->size; at++) {
            const Part *part = &sequence->parts[at];
            int64_t wanted = start + part->offset;
            uint32_t next = (uint32_t)nexts[at];
            if (part == lead)
                continue;
            while (next < part->number && (int64_t)position_of(part, next) < wanted)
                next++;
            nexts[at] = (Py_ssize_t)next;
            if (next == part->number)
                return number;
            if ((int64_t)position_of(part, next) != wanted)
                break;
        }
        number += at == sequence->size;
    }
    return number;
}

/* The positions of each offset, which all parts of it share, one behind the other; -1: no room. */
static Py_ssize_t offsets_keep(Sequence *sequence)
{
    Py_ssize_t offsets = 0, end = 0;
    size_t most = 0;
    for (Py_ssize_t at = 0; at < sequence->size; at++)
        most += sequence->parts[at].number;
    if (most > sequence->kept_room) {
        uint32_t *kept = realloc(sequence->kept, 2 * most * sizeof *kept);
        if (!kept)
            return -1;
        sequence->kept = kept;
        sequence->kept_room = 2 * most;
    }
    for (Py_ssize_t at = 0; at < sequence->size; at++) {
        const Part *part = &sequence->parts[at];
        Py_ssize_t begin = end;
        if (at && part->offset == part[-1].offset) { /* what both have */
            Py_ssize_t from = offsets > 1 ? sequence->ends[offsets - 2] : 0;
            uint32_t next = 0;
            begin = from;
            for (Py_ssize_t place = from; place < end; place++) {
                uint32_t position = sequence->kept[place];
                while (next < part->number && position_of(part, next) < position)
                    next++;
                if (next < part->number && position_of(part, next) == position)
                    sequence->kept[begin++] = position;
            }
            sequence->ends[offsets - 1] = end = begin;
            continue;
        }
        for (uint32_t number = 0; number < part->number; number++) {
            uint32_t position = position_of(part, number);
            if (end == begin || sequence->kept[end - 1] != position)
                sequence->kept[end++] = position;
        }
        sequence->ends[offsets++] = end;
    }
    return offsets;
}

/* How many chains begin in the document at hand; -1: no room. */
static int64_t chains_in(Sequence *sequence, Py_ssize_t *nexts, int64_t slop, uint64_t *steps)
{
    Py_ssize_t offsets = offsets_keep(sequence), end;
    int64_t number = 0, distances[2];
    const Part *first = &sequence->parts[0], *last = &sequence->parts[sequence->size - 1];
    if (offsets < 0)
        return -1;
    end = sequence->ends[0];
    for (Py_ssize_t at = 1; at < offsets; at++)
        nexts[at] = sequence->ends[at - 1];
    *steps += (uint64_t)sequence->ends[offsets - 1];
    distances[0] = last->offset - first->offset;
    for (Py_ssize_t place = 0; place < end; place++) {
        int64_t start = sequence->kept[place], position = start;
        const Part *part = first;
        *steps += (uint64_t)offsets;
        for (Py_ssize_t at = 1; at < offsets; at++) {
            const Part *next = part + 1;
            while (next->offset == part->offset)
                next++;
            position += next->offset - part->offset;
            part = next;
            while (nexts[at] < sequence->ends[at] && sequence->kept[nexts[at]] < position)
                nexts[at]++;
            if (nexts[at] == sequence->ends[at])
                return number;
            position = sequence->kept[nexts[at]];
        }
        distances[1] = position - start;
        number += distances[1] - distances[0] <= slop;
    }
    return number;
}

/* How often a sequence stands in documents; ``check`` may raise to end it.
 *
 * The documents may be NULL, for any, if the part in the fewest has counts.
 */
static Counts *sequence_counts(Sequence *sequence, const Counts *within, int64_t slop,
                               PyObject *check)
{
    const Counts *lead = sequence->parts[sequence->lead].counts;
    Counts *found;
    Py_ssize_t kept = 0;
    uint64_t steps = 0;
    int failed = 0;
    PyThreadState *thread = NULL;
    if (!lead || (within && within->size < lead->size))
        lead = within;
    if (!lead) {
        PyErr_SetString(PyExc_ValueError, "nothing says in which documents to look");
        return NULL;
    }
    found = counts_new(lead->size, 1);
    if (!found)
        return NULL;
    if (lead->size > MANY / 16)
        thread = PyEval_SaveThread();
    for (Py_ssize_t at = 0, in = 0; at < lead->size; at++) {
        uint32_t doc = lead->docs[at];
        int64_t number;
        if (within && lead != within) {
            in = seek(within->docs, within->size, in, doc);
            if (in == within->size)
                break;
            if (within->docs[in] != doc)
                continue;
        }
        if (!sequence_go(sequence, doc)) {
            if (sequence->damaged)
                break;
            continue;
        }
        number = slop ? chains_in(sequence, sequence->nexts, slop, &steps)
                      : (int64_t)starts_in(sequence, sequence->nexts, &steps);
        if (number > 0) {
            found->docs[kept] = doc;
            found->numbers[kept++] = (double)number;
        }
        if (number < 0 || steps > STEPS) {
            PyObject *done = NULL;
            steps = 0;
            if (thread)
                PyEval_RestoreThread(thread);
            if (number < 0)
                PyErr_NoMemory();
            else
                done = PyObject_CallFunctionObjArgs(check, NULL);
            failed = !done;
            Py_XDECREF(done);
            if (thread)
                thread = failed ? NULL : PyEval_SaveThread();
            if (failed)
                break;
        }
    }
    if (thread)
        PyEval_RestoreThread(thread);
    if (sequence->damaged)
        lists_damaged("is cut off", sequence->damaged->place);
    if (failed || sequence->damaged) {
        Py_DECREF((PyObject *)found);
        return NULL;
    }
    counts_shrink(found, kept);
    return found;
}

/* (document, [(offset, positions)]) of some documents that hold all parts. */
static PyObject *sequence_standing(Sequence *sequence, const Counts *docs, Py_ssize_t begin,
                                   Py_ssize_t end)
{
    PyObject *found = PyList_New(0);
    for (Py_ssize_t at = begin; found && at < end && at < docs->size; at++) {
        PyObject *of_parts, *one;
        int failed;
        if (!sequence_go(sequence, docs->docs[at]))
            continue;
        of_parts = PyList_New(sequence->size);
        for (Py_ssize_t number = 0; of_parts && number < sequence->size; number++) {
            const Part *part = &sequence->parts[number];
            PyObject *positions = PyList_New((Py_ssize_t)part->number), *pair;
            for (uint32_t place = 0; positions && place < part->number; place++) {
                PyObject *position = PyLong_FromUnsignedLong(position_of(part, place));
                if (!position || PyList_SetItem(positions, (Py_ssize_t)place, position) < 0)
                    Py_CLEAR(positions);
            }
            pair = positions ? Py_BuildValue("(LN)", (long long)part->offset, positions) : NULL;
            if (!pair || PyList_SetItem(of_parts, number, pair) < 0)
                Py_CLEAR(of_parts);
        }
        one = of_parts ? Py_BuildValue("(kN)", (unsigned long)docs->docs[at], of_parts) : NULL;
        failed = !one || PyList_Append(found, one) < 0;
        Py_XDECREF(one);
        if (failed)
            Py_CLEAR(found);
    }
    return found;
}

#endif
