/* The sorted terms of a field where they lie in a mapped file, and the stems of words in several. */

#ifndef PASSAGES_TERMS_H
#define PASSAGES_TERMS_H

#include "lists.h"

typedef struct {
    PyObject_HEAD
    Numbers terms;  /* one behind the other */
    Numbers bounds; /* where each begins; one more than there are */
    uint64_t terms_at, bounds_at; /* where both begin in the file */
    Lists *lists;                 /* of the same field, in the same file */
    uint64_t *landmarks; /* how every so many-th term begins; NULL until some were asked for */
    Py_ssize_t landmark_count;
    int asked;
} Lexicon;

/* After so many terms were asked for, of that many or more, every so many-th is a landmark. */
enum { LANDMARKS_FROM = 8, LEAST_MARKED = 1 << 10, BETWEEN_LANDMARKS = 1 << 6 };

static PyTypeObject *Lexicon_Type;

/* Some bytes. */
typedef struct {
    const unsigned char *bytes;
    size_t size;
} Text;

static Lexicon *lexicon_from(PyObject *object)
{
    if (Py_TYPE(object) != Lexicon_Type) {
        PyErr_SetString(PyExc_TypeError, "this is no lexicon");
        return NULL;
    }
    return (Lexicon *)object;
}

static Py_ssize_t lexicon_size(const Lexicon *self)
{
    return self->bounds.size - 1;
}

/* The term at a place that is there; of bounds that make no sense what a slice would have. */
static int term_get(Lexicon *self, Py_ssize_t place, Text *term)
{
    uint64_t width = (uint64_t)self->bounds.width, first = (uint64_t)place * width, start, end;
    if (lists_look_at(self->lists, self->bounds_at + first, self->bounds_at + first + 2 * width) < 0)
        return -1;
    start = number_at(&self->bounds, place);
    end = number_at(&self->bounds, place + 1);
    if (end > (uint64_t)self->terms.size)
        end = (uint64_t)self->terms.size;
    if (start > end)
        start = end;
    if (lists_look_at(self->lists, self->terms_at + start, self->terms_at + end) < 0)
        return -1;
    term->bytes = self->terms.bytes + start;
    term->size = (size_t)(end - start);
    return 0;
}

/* Below 0 where one comes before the other, above where behind. */
static int text_order(const Text *one, const Text *other)
{
    int order = memcmp(one->bytes, other->bytes, one->size < other->size ? one->size : other->size);
    return order ? order : (one->size > other->size) - (one->size < other->size);
}

/* The place of the first term, from one place to before another, that is not below a text; -1 with
   an exception where it cannot be told. */
static Py_ssize_t terms_lower(Lexicon *self, const Text *text, Py_ssize_t first, Py_ssize_t end)
{
    while (first < end) {
        Py_ssize_t middle = first + (end - first) / 2;
        Text term;
        if (term_get(self, middle, &term) < 0)
            return -1;
        if (text_order(&term, text) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* The first bytes of a text as a number: where they differ, they are in the order of texts. */
static uint64_t text_head(const Text *text)
{
    uint64_t head = 0;
    for (size_t at = 0; at < sizeof head; at++)
        head = head << 8 | (at < text->size ? text->bytes[at] : 0);
    return head;
}

/* Learn the landmarks; -1 with an exception. */
static int landmarks_learn(Lexicon *self)
{
    Py_ssize_t size = lexicon_size(self) / BETWEEN_LANDMARKS;
    uint64_t *landmarks = malloc(((size_t)size + 1) * sizeof *landmarks);
    if (!landmarks) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        Text term;
        if (term_get(self, at * BETWEEN_LANDMARKS, &term) < 0) {
            free(landmarks);
            return -1;
        }
        landmarks[at] = text_head(&term);
    }
    self->landmarks = landmarks;
    self->landmark_count = size;
    return 0;
}

/* The first landmark from one on that is not below a head. */
static Py_ssize_t landmark_lower(const Lexicon *self, uint64_t head, Py_ssize_t low)
{
    Py_ssize_t high = self->landmark_count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (self->landmarks[middle] < head)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Bring two places nearer that a text is between, whose terms lie far from each other. */
static void landmarks_narrow(const Lexicon *self, const Text *text, Py_ssize_t *first,
                             Py_ssize_t *end)
{
    uint64_t head = text_head(text);
    Py_ssize_t low = landmark_lower(self, head, *first / BETWEEN_LANDMARKS);
    Py_ssize_t behind = head == UINT64_MAX ? self->landmark_count
                                           : landmark_lower(self, head + 1, low);
    if (low > 0 && (low - 1) * BETWEEN_LANDMARKS > *first)
        *first = (low - 1) * BETWEEN_LANDMARKS;
    if (behind < self->landmark_count && behind * BETWEEN_LANDMARKS < *end)
        *end = behind * BETWEEN_LANDMARKS > *first ? behind * BETWEEN_LANDMARKS : *first;
}

/* The place of a text among some of the terms: -1 where it is none, -2 with an exception. */
static Py_ssize_t terms_find(Lexicon *self, const Text *text, Py_ssize_t first, Py_ssize_t end)
{
    Py_ssize_t place;
    Text term;
    if (end - first >= LEAST_MARKED) {
        if (self->asked < LANDMARKS_FROM && ++self->asked == LANDMARKS_FROM &&
            landmarks_learn(self) < 0)
            return -2;
        if (self->landmarks)
            landmarks_narrow(self, text, &first, &end);
    }
    place = terms_lower(self, text, first, end);
    if (place < 0)
        return -2;
    if (place >= end)
        return -1;
    if (term_get(self, place, &term) < 0)
        return -2;
    return text_order(&term, text) ? -1 : place;
}

/* Where the terms are that begin so. */
static int terms_beginning(Lexicon *self, const Text *head, Py_ssize_t *first, Py_ssize_t *end)
{
    Py_ssize_t size = lexicon_size(self);
    Text behind = {head->bytes, head->size};
    unsigned char *raised;
    *end = size;
    if ((*first = terms_lower(self, head, 0, size)) < 0)
        return -1;
    while (behind.size && behind.bytes[behind.size - 1] == 0xFF)
        behind.size--;
    if (!behind.size)
        return 0;
    raised = malloc(behind.size);
    if (!raised) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(raised, behind.bytes, behind.size);
    raised[behind.size - 1]++;
    behind.bytes = raised;
    *end = terms_lower(self, &behind, 0, size);
    free(raised);
    return *end < 0 ? -1 : 0;
}

static int bytes_text(PyObject *object, Text *text)
{
    char *bytes;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(object, &bytes, &size) < 0)
        return -1;
    text->bytes = (const unsigned char *)bytes;
    text->size = (size_t)size;
    return 0;
}

/* The bytes of a string as the index has them; they last as long as it, and what is made of it. */
static int string_text(PyObject *string, Text *text, PyObject **made)
{
    Py_ssize_t size;
    const char *bytes = PyUnicode_AsUTF8AndSize(string, &size);
    *made = NULL;
    if (bytes) {
        text->bytes = (const unsigned char *)bytes;
        text->size = (size_t)size;
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return -1;
    PyErr_Clear();
    *made = PyUnicode_AsEncodedString(string, "utf-8", "surrogatepass");
    if (!*made || bytes_text(*made, text) < 0) {
        Py_CLEAR(*made);
        return -1;
    }
    return 0;
}

static PyObject *Lexicon_find(PyObject *object, PyObject *term)
{
    Lexicon *self = (Lexicon *)object;
    Text text;
    Py_ssize_t place;
    if (bytes_text(term, &text) < 0)
        return NULL;
    place = terms_find(self, &text, 0, lexicon_size(self));
    return place < -1 ? NULL : PyLong_FromSsize_t(place);
}

static PyObject *Lexicon_beginning(PyObject *object, PyObject *head)
{
    Text text;
    Py_ssize_t first, end;
    if (bytes_text(head, &text) < 0 || terms_beginning((Lexicon *)object, &text, &first, &end) < 0)
        return NULL;
    return Py_BuildValue("nn", first, end);
}

static PyObject *Lexicon_terms(PyObject *object, PyObject *args)
{
    Lexicon *self = (Lexicon *)object;
    Py_ssize_t first, end;
    PyObject *found;
    if (!PyArg_ParseTuple(args, "nn", &first, &end))
        return NULL;
    if (first < 0 || end > lexicon_size(self)) {
        PyErr_SetString(PyExc_IndexError, "there are not so many terms");
        return NULL;
    }
    found = PyList_New(end > first ? end - first : 0);
    for (Py_ssize_t place = first; found && place < end; place++) {
        Text term;
        PyObject *one = NULL;
        if (term_get(self, place, &term) == 0)
            one = PyBytes_FromStringAndSize((const char *)term.bytes, (Py_ssize_t)term.size);
        if (!one || PyList_SetItem(found, place - first, one) < 0)
            Py_CLEAR(found);
    }
    return found;
}

static PyObject *Lexicon_doc_counts(PyObject *object, PyObject *places)
{
    Lexicon *self = (Lexicon *)object;
    Py_ssize_t size = PySequence_Size(places);
    PyObject *found = size < 0 ? NULL : PyList_New(size);
    for (Py_ssize_t at = 0; found && at < size; at++) {
        PyObject *one = PySequence_GetItem(places, at);
        Py_ssize_t place = one ? PyLong_AsSsize_t(one) : -1;
        uint64_t count;
        Py_XDECREF(one);
        one = NULL;
        if (!PyErr_Occurred() && lists_doc_count(self->lists, place, &count) == 0)
            one = PyLong_FromUnsignedLongLong(count);
        if (!one || PyList_SetItem(found, at, one) < 0)
            Py_CLEAR(found);
    }
    return found;
}

static Py_ssize_t Lexicon_length(PyObject *object)
{
    return lexicon_size((Lexicon *)object);
}

static void Lexicon_dealloc(PyObject *object)
{
    Lexicon *self = (Lexicon *)object;
    PyTypeObject *type = Py_TYPE(object);
    numbers_release(&self->terms);
    numbers_release(&self->bounds);
    Py_XDECREF((PyObject *)self->lists);
    free(self->landmarks);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *Lexicon_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *terms, *bounds, *lists, *object;
    unsigned long long terms_at, bounds_at;
    Lexicon *self;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Lexicon() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OKOKO", &terms, &terms_at, &bounds, &bounds_at, &lists))
        return NULL;
    if (Py_TYPE(lists) != Lists_Type) {
        PyErr_SetString(PyExc_TypeError, "these are no lists");
        return NULL;
    }
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Lexicon *)object;
    self->terms_at = terms_at;
    self->bounds_at = bounds_at;
    Py_INCREF(lists);
    self->lists = (Lists *)lists;
    if (numbers_take(&self->terms, terms) < 0 || numbers_take(&self->bounds, bounds) < 0) {
        Py_DECREF(object);
        return NULL;
    }
    if (self->terms.width != 1 || self->bounds.size < 1 ||
        self->bounds.size != self->lists->starts.size) {
        PyErr_SetString(PyExc_ValueError, "these are no terms");
        Py_DECREF(object);
        return NULL;
    }
    return object;
}

static PyMethodDef Lexicon_methods[] = {
    {"find", Lexicon_find, METH_O, "The place of a term, -1 if it has none."},
    {"beginning", Lexicon_beginning, METH_O, "Where the terms begin and end that begin so."},
    {"terms", Lexicon_terms, METH_VARARGS, "The terms from one place to before another."},
    {"doc_counts", Lexicon_doc_counts, METH_O, "How many documents hold each of some terms."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Lexicon_slots[] = {
    {Py_tp_new, Lexicon_new},
    {Py_tp_dealloc, Lexicon_dealloc},
    {Py_tp_methods, Lexicon_methods},
    {Py_sq_length, Lexicon_length},
    {Py_tp_doc, "The sorted terms of a field."},
    {0, NULL},
};
static PyType_Spec Lexicon_spec = {
    "search.backends.kernels.compiled.Lexicon", sizeof(Lexicon), 0, Py_TPFLAGS_DEFAULT,
    Lexicon_slots,
};

#endif
