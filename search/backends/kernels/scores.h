/* Counts -> scores, by the formula of ``ranking``, and the best of them. */

#ifndef PASSAGES_SCORES_H
#define PASSAGES_SCORES_H

#include "sets.h"

typedef struct {
    PyObject_HEAD
    Segment *segment;
    Counts *docs;
    double *scores;  /* aligned with them */
    double *factors; /* of their languages; NULL: all 1 */
    Py_ssize_t *reach; /* the places of what is in reach; NULL: all */
    Py_ssize_t reaching;
} Scores;

static PyTypeObject *Scores_Type;

/* What one unit gives: counts, and what they are worth before saturation. */
typedef struct {
    const Counts *body, *headings, *titles, *articles;
    int in_text;
    double passage, article;
} Unit;

static inline double saturated(double number, double addend, double worth)
{
    return number * worth / (number + addend);
}

/* Add what a unit of a text without headings and titles that hold it gives, or one of a field. */
static void body_add(const Segment *self, const Unit *unit, const Counts *docs, double *sums)
{
    const Counts *body = unit->body;
    double k1 = self->ranking.k1;
    if (docs->size * MUCH_LONGER < body->size) {
        Py_ssize_t place = 0;
        for (Py_ssize_t at = 0; at < docs->size; at++) {
            uint32_t doc = docs->docs[at];
            place = seek(body->docs, body->size, place, doc);
            if (place < body->size && body->docs[place] == doc)
                sums[doc] += saturated(number_of(body, place),
                                       unit->in_text ? norm_of(self, doc) : k1, unit->passage);
        }
    } else if (unit->in_text && self->norms) { /* apart, as nearly all are */
        const double *norms = self->norms;
        for (Py_ssize_t at = 0; at < body->size; at++)
            sums[body->docs[at]] +=
                saturated(number_of(body, at), norms[body->docs[at]], unit->passage);
    } else {
        for (Py_ssize_t at = 0; at < body->size; at++) {
            uint32_t doc = body->docs[at];
            sums[doc] += saturated(number_of(body, at), unit->in_text ? norm_of(self, doc) : k1,
                                   unit->passage);
        }
    }
}

static inline double found_at(const Counts *counts, Py_ssize_t *place, uint32_t doc)
{
    *place = seek(counts->docs, counts->size, *place, doc);
    return *place < counts->size && counts->docs[*place] == doc ? number_of(counts, *place) : 0.0;
}

/* The same where headings or titles hold it. */
static void context_add(const Segment *self, const Unit *unit, const Counts *docs, double *sums)
{
    Py_ssize_t in_body = 0, in_titles = 0, in_headings = 0;
    for (Py_ssize_t at = 0; at < docs->size; at++) {
        uint32_t doc = docs->docs[at];
        double number = found_at(unit->body, &in_body, doc);
        number += self->ranking.title_weight *
                  found_at(unit->titles, &in_titles, parent_of(self, doc));
        number += self->ranking.heading_weight * found_at(unit->headings, &in_headings, doc);
        if (number > 0)
            sums[doc] += saturated(number, norm_of(self, doc), unit->passage);
    }
}

static void articles_add(const Segment *self, const Unit *unit, const Counts *docs, double *shares)
{
    const Counts *articles = unit->articles;
    if (docs->size * MUCH_LONGER < articles->size) {
        Py_ssize_t place = 0;
        uint32_t before = UINT32_MAX;
        for (Py_ssize_t at = 0; at < docs->size; at++) {
            uint32_t record = parent_of(self, docs->docs[at]);
            if (record == before)
                continue;
            before = record;
            place = seek(articles->docs, articles->size, place, record);
            if (place < articles->size && articles->docs[place] == record)
                shares[record] += saturated(number_of(articles, place),
                                            article_norm_of(self, record), unit->article);
        }
    } else {
        for (Py_ssize_t at = 0; at < articles->size; at++) {
            uint32_t record = articles->docs[at];
            shares[record] += saturated(number_of(articles, at), article_norm_of(self, record),
                                        unit->article);
        }
    }
}

/* Make the room 0 again where units may have added something. */
static void sums_clear(const Segment *self, const Unit *units, Py_ssize_t size, const Counts *docs,
                       Scratch *scratch)
{
    for (Py_ssize_t one = 0; one < size; one++) {
        const Counts *body = units[one].body, *articles = units[one].articles;
        for (Py_ssize_t at = 0; at < body->size; at++)
            scratch->sums[body->docs[at]] = 0;
        for (Py_ssize_t at = 0; at < articles->size; at++)
            scratch->shares[articles->docs[at]] = 0;
    }
    for (Py_ssize_t at = 0; at < docs->size; at++) {
        scratch->sums[docs->docs[at]] = 0;
        scratch->shares[parent_of(self, docs->docs[at])] = 0;
    }
}

static void Scores_dealloc(PyObject *object)
{
    Scores *self = (Scores *)object;
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF((PyObject *)self->segment);
    Py_XDECREF((PyObject *)self->docs);
    free(self->scores);
    free(self->factors);
    free(self->reach);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* The scores of some documents: the sums of what units give to them, until it is said to be over. */
static PyObject *scores_of(Segment *segment, Counts *docs, const Unit *units, Py_ssize_t size,
                           PyObject *is_over)
{
    PyObject *object = ((allocfunc)PyType_GetSlot(Scores_Type, Py_tp_alloc))(Scores_Type, 0);
    Scores *self = (Scores *)object;
    Scratch *scratch;
    Py_ssize_t postings = docs->size;
    int failed = 0;
    PyThreadState *thread = NULL;
    if (!object)
        return NULL;
    Py_INCREF((PyObject *)segment);
    self->segment = segment;
    Py_INCREF((PyObject *)docs);
    self->docs = docs;
    self->scores = malloc((size_t)(docs->size ? docs->size : 1) * sizeof *self->scores);
    if (!self->scores) {
        Py_DECREF(object);
        return PyErr_NoMemory();
    }
    scratch = summing(segment);
    if (scratch)
        scratch->shares = room(scratch->shares, (size_t)segment->size, sizeof *scratch->shares);
    if (!scratch || !scratch->shares) {
        if (scratch)
            scratch_give(segment, scratch);
        Py_DECREF(object);
        return NULL;
    }
    for (Py_ssize_t one = 0; one < size; one++)
        postings += units[one].body->size;
    norms_keep(segment, postings);
    for (Py_ssize_t one = 0; one < size; one++) {
        const Unit *unit = &units[one];
        PyObject *over = PyObject_CallFunctionObjArgs(is_over, NULL);
        int ended = over ? PyObject_IsTrue(over) : -1;
        Py_XDECREF(over);
        failed = ended < 0;
        if (ended)
            break;
        if (postings > MANY)
            thread = PyEval_SaveThread();
        if (unit->in_text && (unit->titles->size || unit->headings->size))
            context_add(segment, unit, docs, scratch->sums);
        else
            body_add(segment, unit, docs, scratch->sums);
        articles_add(segment, unit, docs, scratch->shares);
        if (thread)
            PyEval_RestoreThread(thread);
        thread = NULL;
    }
    if (postings > MANY)
        thread = PyEval_SaveThread();
    for (Py_ssize_t at = 0; at < docs->size; at++)
        self->scores[at] = scratch->sums[docs->docs[at]] +
                           scratch->shares[parent_of(segment, docs->docs[at])];
    sums_clear(segment, units, size, docs, scratch);
    if (thread)
        PyEval_RestoreThread(thread);
    scratch_give(segment, scratch);
    if (failed)
        Py_CLEAR(object);
    return object;
}

/* Best */

static inline Py_ssize_t reaching(const Scores *self)
{
    return self->reach ? self->reaching : self->docs->size;
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
    Py_ssize_t size = reaching(self);
    if (!heap) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < wanted; at++)
        heap[at] = self->scores[place_of(self, at)];
    qsort(heap, (size_t)wanted, sizeof *heap, by_score);
    for (Py_ssize_t at = wanted; at < size; at++) {
        double score = self->scores[place_of(self, at)];
        if (score > heap[0]) {
            heap[0] = score;
            SINK(heap, (size_t)wanted, double);
        }
    }
    *least = heap[0];
    free(heap);
    return 0;
}

/* Learn where the ids of articles stand among all. */
static int id_places_learn(Segment *self)
{
    uint32_t *places;
    if (self->id_places)
        return 0;
    places = calloc((size_t)self->size + 1, sizeof *places);
    if (!places) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t place = 0; self->ids && place < lists_size(self->ids); place++) {
        List list;
        uint64_t doc = 0;
        if (lists_get(self->ids, place, &list) < 0)
            goto failed;
        for (Py_ssize_t at = 0; at < list.count; at++) {
            doc += number_in(list.gaps, list.gap_width, at);
            if (list_check(self, &list, doc, place) < 0)
                goto failed;
            places[doc] = (uint32_t)place;
        }
    }
    self->id_places = places;
    return 0;
failed:
    free(places);
    return -1;
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

static PyObject *Scores_best(PyObject *object, PyObject *args)
{
    Scores *self = (Scores *)object;
    Py_ssize_t wanted, size = reaching(self), above = 0, equal = 0;
    double least = 0;
    uint64_t last = UINT64_MAX;
    PyObject *found;
    if (!PyArg_ParseTuple(args, "n", &wanted))
        return NULL;
    if (wanted < 1)
        return PyList_New(0);
    if (wanted < size) {
        if (least_of_best(self, wanted, &least) < 0)
            return NULL;
        for (Py_ssize_t at = 0; at < size; at++) {
            double score = self->scores[place_of(self, at)];
            above += score > least;
            equal += score == least;
        }
        if (above < wanted && equal > wanted - above &&
            last_of_equals(self, least, wanted - above, &last) < 0)
            return NULL;
    }
    found = PyList_New(0);
    for (Py_ssize_t at = 0; found && at < size; at++) {
        Py_ssize_t place = place_of(self, at);
        double score = self->scores[place];
        uint32_t doc = self->docs->docs[place];
        if (wanted < size) {
            if (score < least)
                continue;
            if (score == least && last != UINT64_MAX &&
                ((uint64_t)self->segment->id_places[parent_of(self->segment, doc)] << 32 | doc) >
                    last)
                continue;
        }
        if (pair_append(found, doc, score) < 0)
            Py_CLEAR(found);
    }
    return found;
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

static PyObject *Scores_in_reach(PyObject *object, PyObject *args)
{
    Scores *self = (Scores *)object;
    Py_ssize_t wanted, size = self->docs->size, kept = 0, *reach;
    double gain, least;
    PyObject *number;
    Counts *found;
    if (!PyArg_ParseTuple(args, "Od", &number, &gain))
        return NULL;
    wanted = number == Py_None ? size : PyLong_AsSsize_t(number);
    if (PyErr_Occurred())
        return NULL;
    if (wanted >= size) {
        Py_INCREF((PyObject *)self->docs);
        return (PyObject *)self->docs;
    }
    if (wanted < 1)
        return (PyObject *)counts_new(0, 0);
    free(self->reach);
    self->reach = NULL;
    if (least_of_best(self, wanted, &least) < 0)
        return NULL;
    for (Py_ssize_t at = 0; at < size; at++)
        kept += self->scores[at] >= least - gain;
    found = counts_new(kept, 0);
    reach = malloc((size_t)(kept + 1) * sizeof *reach);
    if (!found || !reach) {
        Py_XDECREF((PyObject *)found);
        free(reach);
        return PyErr_NoMemory();
    }
    kept = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        if (self->scores[at] >= least - gain) {
            found->docs[kept] = self->docs->docs[at];
            reach[kept++] = at;
        }
    }
    self->reach = reach;
    self->reaching = kept;
    return (PyObject *)found;
}

static PyObject *Scores_add(PyObject *object, PyObject *args)
{
    Scores *self = (Scores *)object;
    PyObject *given;
    const Counts *body;
    double worth;
    Py_ssize_t at = 0, size = reaching(self);
    if (!PyArg_ParseTuple(args, "Od", &given, &worth) || !(body = counts_from(given)))
        return NULL;
    for (Py_ssize_t place = 0; place < body->size; place++) {
        uint32_t doc = body->docs[place];
        if (self->reach) {
            while (at < size && self->docs->docs[self->reach[at]] < doc)
                at++;
        } else {
            at = seek(self->docs->docs, size, at, doc);
        }
        if (at < size && self->docs->docs[place_of(self, at)] == doc) {
            double own = saturated(number_of(body, place), norm_of(self->segment, doc), worth);
            Py_ssize_t to = place_of(self, at);
            self->scores[to] += self->factors ? own * self->factors[to] : own;
        }
    }
    Py_RETURN_NONE;
}

static Py_ssize_t Scores_length(PyObject *object)
{
    return ((Scores *)object)->docs->size;
}

static PyMethodDef Scores_methods[] = {
    {"items", Scores_items, METH_NOARGS, "Every document with its score."},
    {"best", Scores_best, METH_VARARGS, "The first documents of the order by score, in any."},
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
