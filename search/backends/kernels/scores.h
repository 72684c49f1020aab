/* Counts -> scores, by the formula of ``ranking``. */

#ifndef PASSAGES_SCORES_H
#define PASSAGES_SCORES_H

#include "sets.h"

typedef struct {
    PyObject_HEAD
    Segment *segment;
    Counts *docs;
    double *scores;  /* aligned with them */
    double *factors; /* of their languages; NULL: all 1 */
    Counts *reaching;  /* what is in reach; NULL: all */
    Py_ssize_t *reach; /* the places of those */
} Scores;

static PyTypeObject *Scores_Type;

/* What one unit gives: counts, and what they are worth before saturation. */
typedef struct {
    const Counts *body, *headings, *titles;
    const Counts *articles; /* NULL: each is one paragraph, and no more */
    int in_text;
    double passage, article;
    Py_ssize_t from_body, from_articles; /* where the block at hand begins */
    Py_ssize_t in_body, in_headings, in_titles, in_articles; /* how far they were gone through */
} Unit;

/* A run of documents, of whole articles: so little that their sums stay near the processor. */
typedef struct {
    uint32_t begin, end;
    double *sums, *shares; /* by document from begin on; shares by record */
} Block;

/* So many documents are about as many as sums of which fit into the fastest memory. */
enum { BLOCK = 1 << 12 };
/* To make room for sums takes as long as to score so many documents. */
enum { A_FEW = 64 };

static inline double saturated(double number, double addend, double worth)
{
    return number * worth / (number + addend);
}

static inline double found_at(const Counts *counts, Py_ssize_t *place, uint32_t doc)
{
    *place = seek(counts->docs, counts->size, *place, doc);
    return *place < counts->size && counts->docs[*place] == doc ? count_of(counts, *place) : 0.0;
}

/* What a unit gives that is in headings or titles, too, to documents of a block. */
static void context_add(const Segment *self, Unit *unit, const uint32_t *docs, Py_ssize_t size,
                        const Block *block)
{
    for (Py_ssize_t at = 0; at < size; at++) {
        uint32_t doc = docs[at];
        double number = found_at(unit->body, &unit->in_body, doc);
        number += self->ranking.title_weight *
                  found_at(unit->titles, &unit->in_titles, parent_of(self, doc));
        number +=
            self->ranking.heading_weight * found_at(unit->headings, &unit->in_headings, doc);
        if (number > 0)
            block->sums[doc - block->begin] +=
                saturated(number, norm_of(self, doc), unit->passage);
    }
    unit->from_body = unit->in_body; /* nothing was given to others */
}

/* What another unit gives to documents of a block; elsewhere in it anything. */
static void body_add(const Segment *self, Unit *unit, const uint32_t *docs, Py_ssize_t size,
                     const Block *block)
{
    const Counts *body = unit->body;
    Py_ssize_t at = seek(body->docs, body->size, unit->in_body, block->begin), end;
    end = seek(body->docs, body->size, at, block->end);
    unit->from_body = at;
    if (size * MUCH_LONGER < end - at) {
        for (Py_ssize_t number = 0; number < size; number++) {
            double found = found_at(body, &at, docs[number]);
            if (found > 0)
                block->sums[docs[number] - block->begin] += saturated(
                    found, unit->in_text ? norm_of(self, docs[number]) : self->ranking.k1,
                    unit->passage);
        }
    } else if (unit->in_text) {
        for (; at < end; at++)
            block->sums[body->docs[at] - block->begin] +=
                saturated(count_of(body, at), norm_of(self, body->docs[at]), unit->passage);
    } else {
        for (; at < end; at++)
            block->sums[body->docs[at] - block->begin] +=
                saturated(count_of(body, at), self->ranking.k1, unit->passage);
    }
    unit->in_body = end;
}

/* What a unit gives to documents of a block by itself and by articles, each of one paragraph. */
static void single_add(const Segment *self, Unit *unit, const uint32_t *docs, Py_ssize_t size,
                       const Block *block)
{
    const Counts *body = unit->body;
    Py_ssize_t at = seek(body->docs, body->size, unit->in_body, block->begin), end;
    end = seek(body->docs, body->size, at, block->end);
    unit->from_body = at;
    if (size * MUCH_LONGER < end - at) {
        for (Py_ssize_t number = 0; number < size; number++) {
            uint32_t doc = docs[number], record = doc & ~(uint32_t)1;
            double found = found_at(body, &at, doc);
            if (found > 0) {
                block->sums[doc - block->begin] +=
                    saturated(found, norm_of(self, doc), unit->passage);
                block->shares[record - block->begin] +=
                    saturated(found, article_norm_of(self, record), unit->article);
            }
        }
    } else {
        for (; at < end; at++) {
            uint32_t doc = body->docs[at], record = doc & ~(uint32_t)1;
            double found = count_of(body, at);
            block->sums[doc - block->begin] += saturated(found, norm_of(self, doc), unit->passage);
            block->shares[record - block->begin] +=
                saturated(found, article_norm_of(self, record), unit->article);
        }
    }
    unit->in_body = end;
}

static void articles_add(const Segment *self, Unit *unit, const uint32_t *docs, Py_ssize_t size,
                         const Block *block)
{
    const Counts *articles = unit->articles;
    Py_ssize_t at = seek(articles->docs, articles->size, unit->in_articles, block->begin), end;
    end = seek(articles->docs, articles->size, at, block->end);
    unit->from_articles = at;
    if (size * MUCH_LONGER < end - at) {
        uint32_t before = UINT32_MAX;
        for (Py_ssize_t number = 0; number < size; number++) {
            uint32_t record = parent_of(self, docs[number]);
            double found = record == before ? 0.0 : found_at(articles, &at, record);
            before = record;
            if (found > 0)
                block->shares[record - block->begin] +=
                    saturated(found, article_norm_of(self, record), unit->article);
        }
    } else {
        for (; at < end; at++)
            block->shares[articles->docs[at] - block->begin] +=
                saturated(count_of(articles, at), article_norm_of(self, articles->docs[at]),
                          unit->article);
    }
    unit->in_articles = end;
}

/* Make sums 0 again after units gave something to documents of a block. */
static void block_clear(const Segment *self, const Unit *units, Py_ssize_t size,
                        const uint32_t *docs, Py_ssize_t number, const Block *block)
{
    Py_ssize_t given = 2 * number;
    for (Py_ssize_t one = 0; one < size; one++)
        given += units[one].in_body - units[one].from_body + units[one].in_articles -
                 units[one].from_articles;
    if (given * MUCH_LONGER > (Py_ssize_t)(block->end - block->begin)) {
        memset(block->sums, 0, (block->end - block->begin) * sizeof *block->sums);
        memset(block->shares, 0, (block->end - block->begin) * sizeof *block->shares);
        return;
    }
    for (Py_ssize_t at = 0; at < number; at++) {
        block->sums[docs[at] - block->begin] = 0;
        block->shares[parent_of(self, docs[at]) - block->begin] = 0;
    }
    for (Py_ssize_t one = 0; one < size; one++) {
        const Unit *unit = &units[one];
        for (Py_ssize_t at = unit->from_body; at < unit->in_body; at++) {
            block->sums[unit->body->docs[at] - block->begin] = 0;
            if (!unit->articles)
                block->shares[parent_of(self, unit->body->docs[at]) - block->begin] = 0;
        }
        for (Py_ssize_t at = unit->from_articles; at < unit->in_articles; at++)
            block->shares[unit->articles->docs[at] - block->begin] = 0;
    }
}

/* The block that a document is in, beginning with the record of its article; -1: no room. */
static int block_at(const Segment *self, uint32_t doc, Block *block, size_t *room_for)
{
    size_t size;
    block->begin = parent_of(self, doc);
    block->end = (uint32_t)self->size;
    if (self->size - (Py_ssize_t)block->begin > BLOCK) {
        block->end = block->begin + BLOCK;
        while ((Py_ssize_t)block->end < self->size && parent_of(self, block->end) != block->end)
            block->end++;
    }
    size = block->end - block->begin;
    if (size > *room_for) {
        free(block->sums);
        block->sums = calloc(2 * size, sizeof *block->sums);
        if (!block->sums)
            return -1;
        *room_for = size;
    }
    block->shares = block->sums + *room_for;
    return 0;
}

/* The score of one document by itself; documents are asked for in order. */
static double score_of(const Segment *self, Unit *units, Py_ssize_t size, uint32_t doc)
{
    uint32_t record = parent_of(self, doc);
    double sum = 0, shares = 0;
    for (Py_ssize_t one = 0; one < size; one++) {
        Unit *unit = &units[one];
        double number = found_at(unit->body, &unit->in_body, doc), of_article = number;
        if (unit->in_text && unit->articles && (unit->titles->size || unit->headings->size)) {
            number += self->ranking.title_weight * found_at(unit->titles, &unit->in_titles, record);
            number +=
                self->ranking.heading_weight * found_at(unit->headings, &unit->in_headings, doc);
        }
        if (number > 0)
            sum += saturated(number, unit->in_text ? norm_of(self, doc) : self->ranking.k1,
                             unit->passage);
        if (unit->articles)
            of_article = found_at(unit->articles, &unit->in_articles, record);
        if (of_article > 0)
            shares += saturated(of_article, article_norm_of(self, record), unit->article);
    }
    return sum + shares;
}

static void Scores_dealloc(PyObject *object)
{
    Scores *self = (Scores *)object;
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF((PyObject *)self->segment);
    Py_XDECREF((PyObject *)self->docs);
    free(self->scores);
    free(self->factors);
    Py_XDECREF((PyObject *)self->reaching);
    free(self->reach);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* Score a few documents one by one, if it is not over. */
static int scores_fill_few(Segment *segment, const Counts *docs, double *scores, Unit *units,
                           Py_ssize_t size, PyObject *is_over)
{
    PyObject *over = PyObject_CallFunctionObjArgs(is_over, NULL);
    int ended = over ? PyObject_IsTrue(over) : -1;
    Py_XDECREF(over);
    for (Py_ssize_t at = 0; ended >= 0 && at < docs->size; at++)
        scores[at] = score_of(segment, units, ended ? 0 : size, docs->docs[at]);
    return ended < 0 ? -1 : 0;
}

/* Score the documents block by block, until it is said to be over: then units give no more. */
static int scores_fill(Segment *segment, const Counts *docs, double *scores, Unit *units,
                       Py_ssize_t size, PyObject *is_over)
{
    Block block = {0, 0, NULL, NULL};
    size_t room_for = 0;
    Py_ssize_t at = 0, steps = STEPS + 1, given = size; /* the clock is looked at first */
    int failed = 0;
    PyThreadState *thread = docs->size > MANY / 16 ? PyEval_SaveThread() : NULL;
    while (at < docs->size && !failed) {
        const uint32_t *own = docs->docs + at;
        Py_ssize_t number;
        if (steps > STEPS) {
            PyObject *over;
            int ended;
            steps = 0;
            if (thread)
                PyEval_RestoreThread(thread);
            over = PyObject_CallFunctionObjArgs(is_over, NULL);
            ended = over ? PyObject_IsTrue(over) : -1;
            Py_XDECREF(over);
            failed = ended < 0;
            given = ended ? 0 : given;
            if (thread)
                thread = PyEval_SaveThread();
        }
        failed = failed || block_at(segment, own[0], &block, &room_for) < 0;
        if (failed)
            break;
        number = seek(docs->docs, docs->size, at, block.end) - at;
        for (Py_ssize_t one = 0; one < given; one++) {
            Unit *unit = &units[one];
            if (!unit->articles) {
                single_add(segment, unit, own, number, &block);
                continue;
            }
            if (unit->in_text && (unit->titles->size || unit->headings->size))
                context_add(segment, unit, own, number, &block);
            else
                body_add(segment, unit, own, number, &block);
            articles_add(segment, unit, own, number, &block);
        }
        for (Py_ssize_t place = 0; place < number; place++)
            scores[at + place] = block.sums[own[place] - block.begin] +
                                 block.shares[parent_of(segment, own[place]) - block.begin];
        block_clear(segment, units, given, own, number, &block);
        at += number;
        steps += given * (Py_ssize_t)(block.end - block.begin);
    }
    if (thread)
        PyEval_RestoreThread(thread);
    free(block.sums);
    if (failed && !PyErr_Occurred())
        PyErr_NoMemory();
    return failed ? -1 : 0;
}

/* The scores of some documents: the sums of what units give to them. */
static PyObject *scores_of(Segment *segment, Counts *docs, Unit *units, Py_ssize_t size,
                           PyObject *is_over)
{
    PyObject *object = ((allocfunc)PyType_GetSlot(Scores_Type, Py_tp_alloc))(Scores_Type, 0);
    Scores *self = (Scores *)object;
    if (!object)
        return NULL;
    Py_INCREF((PyObject *)segment);
    self->segment = segment;
    Py_INCREF((PyObject *)docs);
    self->docs = docs;
    self->scores = malloc((size_t)(docs->size + 1) * sizeof *self->scores);
    if (!self->scores) {
        Py_DECREF(object);
        return PyErr_NoMemory();
    }
    if ((docs->size <= A_FEW ? scores_fill_few : scores_fill)(segment, docs, self->scores, units,
                                                              size, is_over) < 0)
        Py_CLEAR(object);
    return object;
}

/* Best */

static inline Py_ssize_t reaching(const Scores *self)
{
    return self->reach ? self->reaching->size : self->docs->size;
}

static inline Py_ssize_t place_of(const Scores *self, Py_ssize_t number)
{
    return self->reach ? self->reach[number] : number;
}

/* Let the first of a heap, whose lowest is first, sink to where it belongs. */
#define SINK(heap, size, type)                                                                   \
    do {                                                                                         \
        size_t at = 0, child;                                                                    \
        type own = (heap)[0];                                                                    \
        while ((child = 2 * at + 1) < (size)) {                                                  \
            if (child + 1 < (size) && (heap)[child + 1] < (heap)[child])                         \
                child++;                                                                         \
            if (!((heap)[child] < own))                                                          \
                break;                                                                           \
            (heap)[at] = (heap)[child];                                                          \
            at = child;                                                                          \
        }                                                                                        \
        (heap)[at] = own;                                                                        \
    } while (0)

static int by_score(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static int by_key(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

/* The lowest of the highest scores, of which fewer are wanted than there are, and one at least. */
static int least_of_best(const Scores *self, Py_ssize_t wanted, double *least)
{
    double *heap = malloc((size_t)wanted * sizeof *heap);
    Py_ssize_t size = reaching(self), at = 0;
    if (!heap) {
        PyErr_NoMemory();
        return -1;
    }
    for (; at < wanted; at++)
        heap[at] = self->scores[place_of(self, at)];
    qsort(heap, (size_t)wanted, sizeof *heap, by_score);
    *least = heap[0];
    for (; at < size; at++) {
        double score = self->scores[place_of(self, at)];
        if (score > *least) {
            heap[0] = score;
            SINK(heap, (size_t)wanted, double);
            *least = heap[0];
        }
    }
    free(heap);
    return 0;
}

/* Learn where the ids of articles stand among all. */
static int id_places_learn(Segment *self)
{
    uint32_t *places;
    if (self->id_places)
        return 0;
    places = self->ids ? places_by_doc(self->ids, self->size)
                       : zeroed(NULL, (size_t)self->size, sizeof *places);
    if (!places)
        return -1;
    if (self->id_places)
        free(places); /* another thread was first: looking at the ids may let it run */
    else
        self->id_places = places;
    return 0;
}

/* Of the documents with a score, the last by article and number that is among so many first. */
static int last_of_equals(const Scores *self, double score, Py_ssize_t wanted, uint64_t *last)
{
    Py_ssize_t size = reaching(self), number = 0;
    uint64_t *heap; /* of complements, so that the last is first */
    if (id_places_learn(self->segment) < 0)
        return -1;
    heap = malloc((size_t)wanted * sizeof *heap);
    if (!heap) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        Py_ssize_t place = place_of(self, at);
        uint32_t doc = self->docs->docs[place];
        uint64_t key;
        if (!(self->scores[place] == score))
            continue;
        key = ~((uint64_t)self->segment->id_places[parent_of(self->segment, doc)] << 32 | doc);
        if (number < wanted) {
            heap[number++] = key;
            if (number == wanted)
                qsort(heap, (size_t)wanted, sizeof *heap, by_key);
        } else if (key > heap[0]) {
            heap[0] = key;
            SINK(heap, (size_t)wanted, uint64_t);
        }
    }
    *last = ~heap[0];
    free(heap);
    return 0;
}

static int pair_append(PyObject *found, uint32_t doc, double score)
{
    PyObject *pair = Py_BuildValue("(kd)", (unsigned long)doc, score);
    int done = pair ? PyList_Append(found, pair) : -1;
    Py_XDECREF(pair);
    return done;
}

static PyObject *Scores_items(PyObject *object, PyObject *unused)
{
    Scores *self = (Scores *)object;
    PyObject *found = PyList_New(0);
    (void)unused;
    for (Py_ssize_t at = 0; found && at < self->docs->size; at++)
        if (pair_append(found, self->docs->docs[at], self->scores[at]) < 0)
            Py_CLEAR(found);
    return found;
}

static PyObject *Scores_scale(PyObject *object, PyObject *args)
{
    Scores *self = (Scores *)object;
    PyObject *places, *factors;
    Numbers languages;
    Py_ssize_t size;
    double *each;
    int is_less = 0;
    memset(&languages, 0, sizeof languages);
    if (!PyArg_ParseTuple(args, "OO", &places, &factors) || (size = PySequence_Size(factors)) < 0)
        return NULL;
    each = calloc((size_t)size + 1, sizeof *each);
    if (!self->factors)
        self->factors =
            malloc((size_t)(self->docs->size + 1) * sizeof *self->factors);
    if (!each || !self->factors) {
        free(each);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        PyObject *one = PySequence_GetItem(factors, at);
        each[at] = one ? PyFloat_AsDouble(one) : 0;
        Py_XDECREF(one);
        if (PyErr_Occurred())
            goto failed;
        is_less |= each[at] < 1;
    }
    if (!is_less) { /* nothing is to change */
        free(each);
        free(self->factors);
        self->factors = NULL;
        Py_RETURN_NONE;
    }
    if (numbers_take(&languages, places) < 0)
        goto failed;
    for (Py_ssize_t at = 0; at < self->docs->size; at++) {
        uint32_t doc = self->docs->docs[at];
        uint64_t language = (Py_ssize_t)doc < languages.size ? number_at(&languages, doc) : UINT64_MAX;
        if (language >= (uint64_t)size) {
            PyErr_Format(PyExc_ValueError, "document %u is of no language", (unsigned int)doc);
            goto failed;
        }
        self->factors[at] = each[language];
    }
    for (Py_ssize_t at = 0; at < self->docs->size; at++)
        self->scores[at] *= self->factors[at];
    numbers_release(&languages);
    free(each);
    Py_RETURN_NONE;
failed:
    numbers_release(&languages);
    free(each);
    free(self->factors);
    self->factors = NULL;
    return NULL;
}

/* What may be among so many first ones if each gains so much at most; see ``base.Scores``. */
static Counts *scores_in_reach(Scores *self, PyObject *number, double gain)
{
    Py_ssize_t wanted, size = self->docs->size, kept = 0, *reach;
    double least;
    Counts *found;
    wanted = number == Py_None ? size : PyLong_AsSsize_t(number);
    if (PyErr_Occurred())
        return NULL;
    free(self->reach);
    self->reach = NULL;
    Py_CLEAR(self->reaching);
    if (wanted >= size) {
        Py_INCREF((PyObject *)self->docs);
        return self->docs;
    }
    if (wanted < 1)
        return counts_new(0, 0);
    if (least_of_best(self, wanted, &least) < 0)
        return NULL;
    found = counts_new(size + 1, 0); /* one is written beyond the last */
    reach = malloc((size_t)(size + 1) * sizeof *reach);
    if (!found || !reach) {
        Py_XDECREF((PyObject *)found);
        free(reach);
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t at = 0; at < size; at++) { /* without a branch that nobody foresees */
        found->docs[kept] = self->docs->docs[at];
        reach[kept] = at;
        kept += self->scores[at] >= least - gain;
    }
    counts_shrink(found, kept);
    Py_INCREF((PyObject *)found);
    self->reaching = found;
    self->reach = reach;
    return found;
}

static PyObject *Scores_in_reach(PyObject *object, PyObject *args)
{
    PyObject *number;
    double gain;
    if (!PyArg_ParseTuple(args, "Od", &number, &gain))
        return NULL;
    return (PyObject *)scores_in_reach((Scores *)object, number, gain);
}

/* Add what a unit gives by a passage's own text, given its place among what is in reach. */
static inline void score_add(Scores *self, Py_ssize_t at, uint32_t doc, double number, double worth)
{
    double own = saturated(number, norm_of(self->segment, doc), worth);
    Py_ssize_t to = place_of(self, at);
    self->scores[to] += self->factors ? own * self->factors[to] : own;
}

/* Add what a unit gives by passages' own text, scaled as before. */
static void scores_add(Scores *self, const Counts *body, double worth)
{
    const Counts *docs = self->reach ? self->reaching : self->docs;
    Py_ssize_t at = 0;
    for (Py_ssize_t place = 0; place < body->size; place++) {
        uint32_t doc = body->docs[place];
        at = seek(docs->docs, docs->size, at, doc);
        if (at < docs->size && docs->docs[at] == doc)
            score_add(self, at, doc, count_of(body, place), worth);
    }
}

static PyObject *Scores_add(PyObject *object, PyObject *args)
{
    PyObject *given;
    const Counts *body;
    double worth;
    if (!PyArg_ParseTuple(args, "Od", &given, &worth) || !(body = counts_from(given)))
        return NULL;
    scores_add((Scores *)object, body, worth);
    Py_RETURN_NONE;
}

static Py_ssize_t Scores_length(PyObject *object)
{
    return ((Scores *)object)->docs->size;
}

/* In best.h. */
static PyObject *Scores_best(PyObject *object, PyObject *args);
static PyObject *Scores_ordered(PyObject *object, PyObject *args);

static PyMethodDef Scores_methods[] = {
    {"items", Scores_items, METH_NOARGS, "Every document with its score."},
    {"best", Scores_best, METH_VARARGS, "The first documents of the order by score, in any."},
    {"ordered", Scores_ordered, METH_VARARGS, "The same in their order, if that is known."},
    {"scale", Scores_scale, METH_VARARGS, "Multiply each score by the factor of its language."},
    {"in_reach", Scores_in_reach, METH_VARARGS, "What may be among the first after some gain."},
    {"add", Scores_add, METH_VARARGS, "Add what passages' own text gives, scaled as before."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Scores_slots[] = {
    {Py_tp_dealloc, Scores_dealloc},
    {Py_tp_methods, Scores_methods},
    {Py_sq_length, Scores_length},
    {Py_tp_doc, "The scores of documents of a segment."},
    {0, NULL},
};
static PyType_Spec Scores_spec = {
    "search.backends.kernels.compiled.Scores", sizeof(Scores), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, Scores_slots,
};

#endif
