/* What belongs to the documents of a segment, and room by document for the work of one call. */

#ifndef PASSAGES_SEGMENT_H
#define PASSAGES_SEGMENT_H

#include "counts.h"

/* Who uses it leaves it all 0. */
typedef struct {
    double *sums;
    uint64_t *bits;
    int is_taken;
} Scratch;

/* The constants of ranking; see ``ranking``. */
typedef struct {
    double k1, title_weight, heading_weight, article_title_weight;
    double flat, slope, several_flat, several_slope, single_flat, single_slope;
} Ranking;

typedef struct {
    PyObject_HEAD
    Py_ssize_t size;
    Numbers parents; /* by document, the record of its article: a run is the record, then its own */
    Numbers body, headings, titles, articles; /* lengths */
    int are_single;  /* each article is one paragraph, and all are live */
    uint64_t *live;  /* NULL: all are */
    Ranking ranking;
    int has_headings, has_titles; /* whether any length of them is above 0 */
    Lists *ids;                   /* of the articles */
    uint32_t *id_places;          /* by record, the place of its id; NULL until it is learnt */
    Py_ssize_t ties;              /* documents of equal scores that were found before that */
    Scratch scratch;
} Segment;

static PyTypeObject *Segment_Type;

static inline uint32_t parent_of(const Segment *self, uint32_t doc)
{
    return self->are_single ? (doc & ~(uint32_t)1) : (uint32_t)number_at(&self->parents, doc);
}

static inline int is_live(const Segment *self, uint32_t doc)
{
    return !self->live || (self->live[doc >> 6] >> (doc & 63) & 1);
}

static inline size_t words_of(const Segment *self)
{
    return ((size_t)self->size + 63) / 64 + 1;
}

/* Room for the work of a call: what the segment keeps, or own one while a thread uses that. */
static Scratch *scratch_take(Segment *self)
{
    Scratch *scratch = &self->scratch;
    if (scratch->is_taken) {
        scratch = calloc(1, sizeof *scratch);
        if (!scratch) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    scratch->is_taken = 1;
    return scratch;
}

static void scratch_free(Scratch *scratch)
{
    free(scratch->sums);
    free(scratch->bits);
}

static void scratch_give(Segment *self, Scratch *scratch)
{
    if (scratch == &self->scratch) {
        scratch->is_taken = 0;
    } else {
        scratch_free(scratch);
        free(scratch);
    }
}

/* What is known already, or room that is 0; NULL where there is none. */
static void *zeroed(void *known, size_t count, size_t bytes)
{
    if (!known)
        known = calloc(count ? count : 1, bytes);
    if (!known)
        PyErr_NoMemory();
    return known;
}

/* The addend of BM25's denominator of a paragraph, and of a whole article. */
static inline double norm_of(const Segment *self, uint32_t doc)
{
    const Ranking *r = &self->ranking;
    double own = (double)number_at(&self->body, doc);
    if (self->has_titles)
        own += r->title_weight * (double)number_at(&self->titles, parent_of(self, doc));
    if (self->has_headings)
        own += r->heading_weight * (double)number_at(&self->headings, doc);
    return r->flat + r->slope * own;
}

static inline double article_norm_of(const Segment *self, uint32_t record)
{
    const Ranking *r = &self->ranking;
    double whole = (double)number_at(&self->articles, record);
    if (self->has_titles)
        whole += r->article_title_weight * (double)number_at(&self->titles, record);
    if (!self->are_single && (Py_ssize_t)record + 2 < self->size &&
        number_at(&self->parents, (Py_ssize_t)record + 2) == record)
        return r->several_flat + r->several_slope * whole;
    return r->single_flat + r->single_slope * whole;
}

static int has_any(const Numbers *numbers)
{
    for (Py_ssize_t at = 0; at < numbers->view.len; at++)
        if (numbers->bytes[at])
            return 1;
    return 0;
}

static void Segment_dealloc(PyObject *object)
{
    Segment *self = (Segment *)object;
    PyTypeObject *type = Py_TYPE(object);
    numbers_release(&self->parents);
    numbers_release(&self->body);
    numbers_release(&self->headings);
    numbers_release(&self->titles);
    numbers_release(&self->articles);
    free(self->live);
    free(self->id_places);
    scratch_free(&self->scratch);
    Py_XDECREF((PyObject *)self->ids);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* Whether parents are runs of articles; notes whether each article has one paragraph. */
static int parents_check(Segment *self)
{
    uint64_t before = 0;
    self->are_single = self->size % 2 == 0;
    for (Py_ssize_t doc = 0; doc < self->size; doc++) {
        uint64_t parent = number_at(&self->parents, doc);
        if (parent != (uint64_t)doc && (doc == 0 || parent != before)) {
            PyErr_Format(PyExc_ValueError, "document %zd is of no article", doc);
            return -1;
        }
        self->are_single &= parent == (uint64_t)(doc & ~(Py_ssize_t)1);
        before = parent;
    }
    return 0;
}

/* Note which of so many documents are live; NULL stays where all are. */
static int live_note(uint64_t **live, Py_ssize_t documents, PyObject *deleted)
{
    PyObject *each, *one;
    Py_ssize_t size = PyObject_Size(deleted);
    size_t room = ((size_t)documents + 63) / 64 + 1;
    if (size <= 0)
        return (int)size;
    *live = zeroed(*live, room, sizeof **live);
    if (!*live)
        return -1;
    memset(*live, 0xFF, room * sizeof **live);
    each = PyObject_GetIter(deleted);
    if (!each)
        return -1;
    while ((one = PyIter_Next(each))) {
        size_t doc = PyLong_AsSize_t(one);
        Py_DECREF(one);
        if (PyErr_Occurred())
            break;
        if (doc < (size_t)documents)
            (*live)[doc >> 6] &= ~((uint64_t)1 << (doc & 63));
    }
    Py_DECREF(each);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *Segment_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *parents, *lengths[4], *deleted, *ids, *object;
    Segment *self;
    Ranking r;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Segment() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OOOOOO(dddd)(dddddd)O", &parents, &lengths[0], &lengths[1],
                          &lengths[2], &lengths[3], &deleted, &r.k1, &r.title_weight,
                          &r.heading_weight, &r.article_title_weight, &r.flat, &r.slope,
                          &r.several_flat, &r.several_slope, &r.single_flat, &r.single_slope,
                          &ids))
        return NULL;
    if (ids != Py_None && Py_TYPE(ids) != Lists_Type) {
        PyErr_SetString(PyExc_TypeError, "these are no lists");
        return NULL;
    }
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Segment *)object;
    self->ranking = r;
    if (ids != Py_None) {
        Py_INCREF(ids);
        self->ids = (Lists *)ids;
    }
    if (numbers_take(&self->parents, parents) < 0 || numbers_take(&self->body, lengths[0]) < 0 ||
        numbers_take(&self->headings, lengths[1]) < 0 ||
        numbers_take(&self->titles, lengths[2]) < 0 ||
        numbers_take(&self->articles, lengths[3]) < 0)
        goto failed;
    self->size = self->parents.size;
    if (self->body.size != self->size || self->headings.size != self->size ||
        self->titles.size != self->size || self->articles.size != self->size ||
        (uint64_t)self->size >= UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "lengths do not fit the documents");
        goto failed;
    }
    self->has_headings = has_any(&self->headings);
    self->has_titles = has_any(&self->titles);
    if (parents_check(self) < 0 || live_note(&self->live, self->size, deleted) < 0)
        goto failed;
    self->are_single &= !self->live;
    return object;
failed:
    Py_DECREF(object);
    return NULL;
}

/* Counts of this segment; those of a larger one are refused. */
static Counts *own_counts(const Segment *self, PyObject *object)
{
    Counts *counts = counts_from(object);
    if (counts && counts->size && counts->docs[counts->size - 1] >= self->size) {
        PyErr_SetString(PyExc_ValueError, "these counts are of another segment");
        return NULL;
    }
    return counts;
}

#endif
