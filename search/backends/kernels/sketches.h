/* Who shares keys with a passage: the sketches of segments, where they lie in mapped files.
 *
 * ``indexer.storage.sketches`` has their form, and ``sharing`` does the same in Python.
 */

#ifndef PASSAGES_SKETCHES_H
#define PASSAGES_SKETCHES_H

#include "../../../indexer/text/copies.h"
#include "segment.h"

/* As ``text.copies`` and ``storage.sketches`` have them. */
enum { KEYS = 3, SKETCH_NUMBERS = 1 + KEYS, STEP_BITS = 5, FEW_TIMES = 64 };
/* Between two looks at the clock so many holders of keys are looked up. */
enum { HOLDERS = 1 << 12 };
/* To sort so many others may go on meanwhile. */
enum { MANY_HOLDERS = 1 << 10 };

/* An array of a file, of which pages are looked at as they are read. */
typedef struct {
    Numbers numbers;
    uint64_t at; /* where it begins in the file */
} Lying;

typedef struct {
    PyObject_HEAD
    Lying sketches, order, starts;
    Pages pages;              /* of the file */
    int asked, are_seen;      /* who asks for more than a few of them has all looked at */
    Numbers parents, lengths; /* by document */
    int are_single;           /* each article is said to be one paragraph */
    uint64_t *live;           /* NULL: all are */
} Sketches;

static PyTypeObject *Sketches_Type;

static int sketches_damaged(void)
{
    PyErr_SetString(PyExc_ValueError, "the sketches of a segment make no sense");
    return -1;
}

/* A number of an array, which is whole. */
static inline int lying_at(const Sketches *self, const Lying *array, uint64_t place, uint64_t *number)
{
    uint64_t start;
    if (place >= (uint64_t)array->numbers.size)
        return sketches_damaged();
    start = array->at + place * (unsigned)array->numbers.width;
    if (!self->are_seen && pages_look_at(&self->pages, start, start + (unsigned)array->numbers.width) < 0)
        return -1;
    *number = number_at(&array->numbers, (Py_ssize_t)place);
    return 0;
}

/* Note that somebody asks. */
static int sketches_note(Sketches *self)
{
    const Lying *each[] = {&self->sketches, &self->order, &self->starts};
    if (self->are_seen || ++self->asked <= FEW_TIMES)
        return 0;
    for (size_t at = 0; at < sizeof each / sizeof *each; at++)
        if (pages_look_at(&self->pages, each[at]->at,
                          each[at]->at + (uint64_t)each[at]->numbers.view.len) < 0)
            return -1;
    self->are_seen = 1;
    return 0;
}

static inline int is_record(const Sketches *self, uint64_t doc)
{
    return number_at(&self->parents, (Py_ssize_t)doc) == doc;
}

/* The row of a paragraph: how many there are before it. */
static int row_of(const Sketches *self, uint64_t doc, uint64_t *row)
{
    if (self->are_single) {
        *row = doc >> 1;
        return 0;
    }
    if (lying_at(self, &self->starts, doc >> STEP_BITS, row) < 0)
        return -1;
    for (uint64_t other = doc >> STEP_BITS << STEP_BITS; other < doc; other++)
        *row += !is_record(self, other);
    return 0;
}

/* The paragraph of a row. */
static int doc_of(const Sketches *self, uint64_t row, uint64_t *doc)
{
    uint64_t begin = 0, end = (uint64_t)self->starts.numbers.size, before = 0;
    uint64_t size = (uint64_t)self->parents.size;
    if (self->are_single) {
        *doc = 2 * row + 1;
        return *doc < size ? 0 : sketches_damaged();
    }
    while (begin < end) { /* the first step with more before it */
        uint64_t middle = begin + (end - begin) / 2, number;
        if (lying_at(self, &self->starts, middle, &number) < 0)
            return -1;
        if (number > row) {
            end = middle;
        } else {
            begin = middle + 1;
            before = number;
        }
    }
    if (!begin)
        return sketches_damaged();
    for (*doc = (begin - 1) << STEP_BITS; *doc < size; ++*doc)
        if (!is_record(self, *doc) && before++ == row)
            return 0;
    return sketches_damaged();
}

/* A passage that has a key, by the hash of its whole text. */
typedef struct {
    uint32_t whole, segment, row;
    int key;
} Holder;

typedef struct {
    Holder *each;
    size_t size, room;
} Holders;

static int by_text(const void *one, const void *other)
{
    const Holder *a = one, *b = other;
    if (a->whole != b->whole)
        return a->whole < b->whole ? -1 : 1;
    if (a->segment != b->segment)
        return a->segment < b->segment ? -1 : 1;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a->key - b->key;
}

static int holders_add(Holders *found, Holder holder)
{
    if (found->size == found->room) {
        size_t room = found->room ? 2 * found->room : 64;
        Holder *more = realloc(found->each, room * sizeof *more);
        if (!more) {
            PyErr_NoMemory();
            return -1;
        }
        found->each = more;
        found->room = room;
    }
    found->each[found->size++] = holder;
    return 0;
}

/* The first place of the order whose key is not below an even one. */
static int place_of_key(Sketches *self, uint64_t key, uint64_t *place)
{
    uint64_t begin = 0, end = (uint64_t)self->order.numbers.size, at, number;
    if (sketches_note(self) < 0)
        return -1;
    while (begin < end) {
        uint64_t middle = begin + (end - begin) / 2;
        if (lying_at(self, &self->order, middle, &at) < 0 ||
            lying_at(self, &self->sketches, at, &number) < 0)
            return -1;
        if (number < key)
            begin = middle + 1;
        else
            end = middle;
    }
    *place = begin;
    return 0;
}

/* Whether a passage with an even key is at a place of the order: 1 and its row, or 0. */
static int row_at(const Sketches *self, uint64_t place, uint64_t key, uint64_t *row)
{
    uint64_t at, number;
    if (place >= (uint64_t)self->order.numbers.size)
        return 0;
    if (lying_at(self, &self->order, place, &at) < 0 ||
        lying_at(self, &self->sketches, at, &number) < 0)
        return -1;
    *row = at / SKETCH_NUMBERS;
    return (number & ~(uint64_t)1) == key;
}

/* What asks for the holders of keys. */
typedef struct {
    PyObject *segments; /* a tuple of sketches or None */
    PyObject *check;    /* raises when the time is over */
    Py_ssize_t segment; /* where the passage is whose keys they are */
    uint64_t row, whole, keys[KEYS];
    uint64_t looked; /* holders, since the clock was looked at */
} Asking;

static int asking_check(Asking *asking)
{
    PyObject *done;
    if (++asking->looked < HOLDERS)
        return 0;
    asking->looked = 0;
    done = PyObject_CallFunctionObjArgs(asking->check, NULL);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* Take the sketch of a passage: 1, or 0 where its segment has none. */
static int asking_begin(Asking *asking, Py_ssize_t segment, Py_ssize_t doc)
{
    PyObject *own = PyTuple_GetItem(asking->segments, segment);
    Sketches *self = (Sketches *)own;
    if (!own)
        return -1;
    if (own == Py_None)
        return 0;
    if (doc < 0 || doc >= self->parents.size) {
        PyErr_Format(PyExc_IndexError, "there is no document %zd", doc);
        return -1;
    }
    asking->segment = segment;
    if (sketches_note(self) < 0 || row_of(self, (uint64_t)doc, &asking->row) < 0)
        return -1;
    if (asking->row > UINT32_MAX)
        return sketches_damaged();
    for (unsigned number = 0; number < SKETCH_NUMBERS; number++)
        if (lying_at(self, &self->sketches, asking->row * SKETCH_NUMBERS + number,
                     number ? &asking->keys[number - 1] : &asking->whole) < 0)
            return -1;
    return 1;
}

/* The sketches of a segment in which others may have one of the keys; NULL if none can. */
static Sketches *others_in(const Asking *asking, Py_ssize_t segment, int key)
{
    PyObject *other = PyTuple_GetItem(asking->segments, segment);
    /* Only what is marked has others in its own segment. */
    if (other == Py_None || !asking->keys[key] ||
        (segment == asking->segment && !(asking->keys[key] & 1)))
        return NULL;
    return (Sketches *)other;
}

/* Add those in a segment that have one of the keys. */
static int holders_find(Holders *found, Asking *asking, Py_ssize_t segment, int key_number)
{
    Sketches *self = others_in(asking, segment, key_number);
    uint64_t key = asking->keys[key_number] & ~(uint64_t)1, place, row, doc, whole;
    int holds;
    if (!self)
        return 0;
    if (place_of_key(self, key, &place) < 0)
        return -1;
    while ((holds = row_at(self, place++, key, &row)) > 0) {
        if (asking_check(asking) < 0)
            return -1;
        if (segment == asking->segment && row == asking->row)
            continue;
        if (lying_at(self, &self->sketches, row * SKETCH_NUMBERS, &whole) < 0)
            return -1;
        if (self->live) {
            if (doc_of(self, row, &doc) < 0)
                return -1;
            if (!(self->live[doc >> 6] >> (doc & 63) & 1))
                continue;
        }
        if (whole > UINT32_MAX || row > UINT32_MAX)
            return sketches_damaged();
        if (holders_add(found, (Holder){(uint32_t)whole, (uint32_t)segment, (uint32_t)row,
                                        key_number}) < 0)
            return -1;
    }
    return holds;
}

/* Whether nobody else has any of the keys, deleted ones included. */
static int is_alone(Asking *asking)
{
    Py_ssize_t size = PyTuple_Size(asking->segments);
    for (Py_ssize_t number = 0; number < size; number++) {
        for (int key = 0; key < KEYS; key++) {
            Sketches *self = others_in(asking, number, key);
            uint64_t even = asking->keys[key] & ~(uint64_t)1, place, row;
            int holds;
            if (!self)
                continue;
            if (number == asking->segment)
                return 0; /* as it is marked */
            if (asking_check(asking) < 0 || place_of_key(self, even, &place) < 0 ||
                (holds = row_at(self, place, even, &row)) < 0)
                return -1;
            if (holds)
                return 0;
        }
    }
    return 1;
}

/* Passages of one text: where they are among the holders, and how much they share. */
typedef struct {
    size_t begin, end;
    uint32_t whole;
    int shared;
} Sharing;

static int by_shared(const void *one, const void *other)
{
    const Sharing *a = one, *b = other;
    if (a->shared != b->shared)
        return a->shared > b->shared ? -1 : 1;
    return (a->whole > b->whole) - (a->whole < b->whole);
}

/* By what keys a text is likely to be of a copy; see ``search.backends.copies``. */
typedef struct {
    int common, enough, most;
} Rule;

/* The texts of holders, which are in their order; how many there are, or -1. */
static Py_ssize_t texts_of(const Holders *found, const Rule *rule, Sharing **texts)
{
    Py_ssize_t having[KEYS] = {0}, size = 0;
    size_t at = 0;
    *texts = malloc((found->size + 1) * sizeof **texts);
    if (!*texts) {
        PyErr_NoMemory();
        return -1;
    }
    while (at < found->size) {
        Sharing *own = &(*texts)[size++];
        own->begin = at;
        own->whole = found->each[at].whole;
        own->shared = 0; /* at first, by which keys */
        for (; at < found->size && found->each[at].whole == own->whole; at++)
            own->shared |= 1 << found->each[at].key;
        own->end = at;
        for (int key = 0; key < KEYS; key++)
            having[key] += own->shared >> key & 1;
    }
    for (Py_ssize_t number = 0; number < size; number++) {
        Py_ssize_t shared = 0;
        for (int key = 0; key < KEYS; key++)
            if ((*texts)[number].shared >> key & 1)
                shared += having[key] <= rule->common ? rule->enough : 1;
        (*texts)[number].shared = (int)shared;
    }
    return size;
}

/* The places of the passages of one text: pairs of a segment and a document. */
static PyObject *places_in(const Holders *found, const Sharing *text, PyObject *segments)
{
    PyObject *places = PyList_New(0);
    for (size_t at = text->begin; places && at < text->end; at++) {
        const Holder *own = &found->each[at];
        uint64_t doc;
        PyObject *place = NULL;
        if (at > text->begin && own[-1].row == own->row && own[-1].segment == own->segment)
            continue; /* it shares several keys */
        if (doc_of((Sketches *)PyTuple_GetItem(segments, (Py_ssize_t)own->segment), own->row,
                   &doc) == 0)
            place = Py_BuildValue("(IK)", own->segment, (unsigned long long)doc);
        if (!place || PyList_Append(places, place) < 0)
            Py_CLEAR(places);
        Py_XDECREF(place);
    }
    return places;
}

/* Whether the first passage of a text is about as long as one of a length. */
static int is_as_long(const Holders *found, const Sharing *text, PyObject *segments,
                      uint64_t length)
{
    const Holder *first = &found->each[text->begin];
    const Sketches *self = (Sketches *)PyTuple_GetItem(segments, (Py_ssize_t)first->segment);
    uint64_t doc, other;
    if (doc_of(self, first->row, &doc) < 0)
        return -1;
    other = number_at(&self->lengths, (Py_ssize_t)doc);
    if (length > UINT32_MAX || other > UINT32_MAX)
        return sketches_damaged();
    return are_as_long(length, other);
}

/* What is made of the holders of some keys: those of a text, and the likely ones of others. */
static PyObject *likely_of(Holders *found, const Rule *rule, PyObject *segments, uint32_t whole,
                           uint64_t length)
{
    PyObject *same = NULL, *likely = NULL;
    Sharing *texts = NULL;
    Py_ssize_t size, some = 0;
    PyThreadState *thread = found->size > MANY_HOLDERS ? PyEval_SaveThread() : NULL;
    qsort(found->each, found->size, sizeof *found->each, by_text);
    if (thread)
        PyEval_RestoreThread(thread);
    size = texts_of(found, rule, &texts);
    if (size < 0)
        goto failed;
    for (Py_ssize_t at = 0; at < size; at++) {
        if (texts[at].whole == whole)
            same = places_in(found, &texts[at], segments);
        else if (texts[at].shared >= rule->enough)
            texts[some++] = texts[at];
        if (PyErr_Occurred())
            goto failed;
    }
    qsort(texts, (size_t)some, sizeof *texts, by_shared);
    if (!same)
        same = PyList_New(0);
    likely = PyList_New(0);
    for (Py_ssize_t at = 0; same && likely && at < some && at < rule->most; at++) {
        PyObject *places = NULL;
        int as_long = is_as_long(found, &texts[at], segments, length);
        if (as_long > 0)
            places = places_in(found, &texts[at], segments);
        if (as_long < 0 || (as_long && (!places || PyList_Append(likely, places) < 0)))
            Py_CLEAR(likely);
        Py_XDECREF(places);
    }
    if (!same || !likely)
        goto failed;
    free(texts);
    return Py_BuildValue("(NN)", same, likely);
failed:
    free(texts);
    Py_XDECREF(same);
    Py_XDECREF(likely);
    return NULL;
}

/* Whether an argument is a tuple of the sketches of segments, or None where there are none. */
static int segments_check(PyObject *segments)
{
    for (Py_ssize_t at = 0; at < PyTuple_Size(segments); at++) {
        PyObject *one = PyTuple_GetItem(segments, at);
        if (one != Py_None && Py_TYPE(one) != Sketches_Type) {
            PyErr_SetString(PyExc_TypeError, "these are no sketches");
            return -1;
        }
    }
    return 0;
}

static PyObject *sharing(PyObject *unused, PyObject *args)
{
    PyObject *likely = NULL;
    Asking asking = {NULL, NULL, 0, 0, 0, {0}, 0};
    Py_ssize_t segment, doc;
    Rule rule;
    Holders found = {NULL, 0, 0};
    int has_sketch;
    (void)unused;
    if (!PyArg_ParseTuple(args, "O!nn(iii)O", &PyTuple_Type, &asking.segments, &segment, &doc,
                          &rule.common, &rule.enough, &rule.most, &asking.check) ||
        segments_check(asking.segments) < 0)
        return NULL;
    if (rule.enough < 0 || rule.enough > INT_MAX / KEYS) {
        PyErr_SetString(PyExc_ValueError, "nobody shares so many keys");
        return NULL;
    }
    has_sketch = asking_begin(&asking, segment, doc);
    for (int key = 0; has_sketch > 0 && key < KEYS; key++)
        for (Py_ssize_t at = 0; has_sketch > 0 && at < PyTuple_Size(asking.segments); at++)
            if (holders_find(&found, &asking, at, key) < 0)
                has_sketch = -1;
    if (has_sketch >= 0 && !found.size) {
        Py_INCREF(Py_None);
        likely = Py_None;
    } else if (has_sketch > 0) {
        const Sketches *own = (Sketches *)PyTuple_GetItem(asking.segments, segment);
        likely = likely_of(&found, &rule, asking.segments, asking.whole,
                           number_at(&own->lengths, doc));
    }
    free(found.each);
    return likely;
}

/* Whether nobody shares a key with the passage of a hit, which is its first member; -1 when
   something was raised. */
static int hit_is_alone(Asking *asking, PyObject *place)
{
    PyObject *first = PyTuple_GetItem(place, 0);
    PyObject *second = first ? PyTuple_GetItem(place, 1) : NULL;
    Py_ssize_t segment = second ? PyLong_AsSsize_t(first) : -1;
    Py_ssize_t doc = second ? PyLong_AsSsize_t(second) : -1;
    int has_sketch = PyErr_Occurred() ? -1 : asking_begin(asking, segment, doc);
    return has_sketch > 0 ? is_alone(asking) : has_sketch < 0 ? -1 : 1;
}

static PyObject *sharing_any(PyObject *unused, PyObject *args)
{
    PyObject *hits, *found;
    Asking asking = {NULL, NULL, 0, 0, 0, {0}, 0};
    Py_ssize_t size;
    (void)unused;
    if (!PyArg_ParseTuple(args, "O!OO", &PyTuple_Type, &asking.segments, &hits, &asking.check) ||
        segments_check(asking.segments) < 0 || (size = PySequence_Size(hits)) < 0)
        return NULL;
    found = PyList_New(0);
    for (Py_ssize_t at = 0; found && at < size; at++) {
        PyObject *hit = PySequence_GetItem(hits, at), *place = NULL;
        int alone = -1;
        if (hit && PyTuple_Check(hit) && (place = PyTuple_GetItem(hit, 0)) && PyTuple_Check(place))
            alone = hit_is_alone(&asking, place);
        else if (hit && !PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "a hit is a place and a score");
        if (alone < 0 || (!alone && PyList_Append(found, place) < 0))
            Py_CLEAR(found);
        Py_XDECREF(hit);
    }
    return found;
}

static void Sketches_dealloc(PyObject *object)
{
    Sketches *self = (Sketches *)object;
    PyTypeObject *type = Py_TYPE(object);
    numbers_release(&self->sketches.numbers);
    numbers_release(&self->order.numbers);
    numbers_release(&self->starts.numbers);
    numbers_release(&self->parents);
    numbers_release(&self->lengths);
    pages_release(&self->pages);
    free(self->live);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *Sketches_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *sketches, *order, *starts, *data, *checksums, *seen, *look_at;
    PyObject *parents, *lengths, *deleted, *object;
    unsigned long long at[3];
    int are_single;
    Sketches *self;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Sketches() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "(OK)(OK)(OK)(OOOO)OOOp", &sketches, &at[0], &order, &at[1], &starts,
                          &at[2], &data, &checksums, &seen, &look_at, &parents, &lengths, &deleted, &are_single))
        return NULL;
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Sketches *)object;
    self->are_single = are_single;
    self->sketches.at = at[0];
    self->order.at = at[1];
    self->starts.at = at[2];
    if (numbers_take(&self->sketches.numbers, sketches) < 0 ||
        numbers_take(&self->order.numbers, order) < 0 ||
        numbers_take(&self->starts.numbers, starts) < 0 ||
        pages_take(&self->pages, data, checksums, seen, look_at) < 0 ||
        numbers_take(&self->parents, parents) < 0 || numbers_take(&self->lengths, lengths) < 0 ||
        live_note(&self->live, self->parents.size, deleted) < 0) {
        Py_DECREF(object);
        return NULL;
    }
    if (self->lengths.size != self->parents.size) {
        PyErr_SetString(PyExc_ValueError, "these are no sketches");
        Py_DECREF(object);
        return NULL;
    }
    return object;
}

static PyType_Slot Sketches_slots[] = {
    {Py_tp_new, Sketches_new},
    {Py_tp_dealloc, Sketches_dealloc},
    {Py_tp_doc, "The sketches of the paragraphs of a segment."},
    {0, NULL},
};
static PyType_Spec Sketches_spec = {
    "search.backends.kernels.compiled.Sketches", sizeof(Sketches), 0, Py_TPFLAGS_DEFAULT,
    Sketches_slots,
};

#endif
