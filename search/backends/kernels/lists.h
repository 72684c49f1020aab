/* The posting lists of a field, where they lie in a mapped file; ``postings`` has their form. */

#ifndef PASSAGES_LISTS_H
#define PASSAGES_LISTS_H

#include "../../../indexer/pages.h"

/* The header of a list and the number of its documents take at most so many bytes. */
enum { HEAD_BYTES = 5 };

typedef struct {
    PyObject_HEAD
    Numbers starts; /* by term, where its list begins; one more than there are terms */
    Numbers lists;
    uint64_t starts_at, lists_at; /* where both begin in the file */
    Pages pages;                  /* of the file */
} Lists;

static PyTypeObject *Lists_Type;

/* The list of one term. */
typedef struct {
    Py_ssize_t count; /* documents */
    const unsigned char *gaps, *frequencies, *positions;
    int gap_width, frequency_width, position_width; /* 0: all frequencies 1, all positions 0 */
    uint64_t position_bytes;
} List;

static int lists_look_at(Lists *self, uint64_t start, uint64_t end)
{
    return pages_look_at(&self->pages, start, end);
}

/* How many terms there are. */
static inline Py_ssize_t lists_size(const Lists *self)
{
    return self->starts.size - 1;
}

static int lists_damaged(const char *fault, Py_ssize_t place)
{
    PyErr_Format(PyExc_ValueError, "the list of term %zd %s", place, fault);
    return -1;
}

/* Take what lies before ``end`` off a list: so many numbers of a width. */
static const unsigned char *part_of(const unsigned char **at, const unsigned char *end,
                                    uint64_t count, int width)
{
    const unsigned char *part = *at;
    if (count > (uint64_t)(end - part) / (unsigned)width)
        return NULL;
    *at += count * (unsigned)width;
    return part;
}

static int lists_get(Lists *self, Py_ssize_t place, List *list)
{
    static const int widths[4] = {0, 1, 2, 4};
    uint64_t start, end, count;
    int width = self->starts.width, header, code;
    const unsigned char *at, *behind;

    if (place < 0 || place >= lists_size(self)) {
        PyErr_Format(PyExc_IndexError, "there is no term %zd", place);
        return -1;
    }
    if (lists_look_at(self, self->starts_at + (uint64_t)place * (unsigned)width,
                      self->starts_at + (uint64_t)(place + 2) * (unsigned)width) < 0)
        return -1;
    start = number_at(&self->starts, place);
    end = number_at(&self->starts, place + 1);
    if (start >= end || end > (uint64_t)self->lists.size)
        return lists_damaged("is not there", place);
    if (lists_look_at(self, self->lists_at + start, self->lists_at + end) < 0)
        return -1;
    at = self->lists.bytes + start;
    behind = self->lists.bytes + end;
    header = *at++;
    code = (header & 3) + 1;
    if (code > 3 || (header >> 2 & 3) > 2 || behind - at < widths[code])
        return lists_damaged("makes no sense", place);
    count = number_in(at, widths[code], 0);
    at += widths[code];
    list->gap_width = widths[(header >> 2 & 3) + 1];
    list->frequency_width = widths[header >> 4 & 3];
    list->position_width = widths[header >> 6 & 3];
    list->gaps = part_of(&at, behind, count, list->gap_width);
    list->frequencies = at;
    if (!list->gaps ||
        (list->frequency_width && !part_of(&at, behind, count, list->frequency_width)))
        return lists_damaged("is cut off", place);
    list->positions = at;
    list->position_bytes = (uint64_t)(behind - at);
    list->count = (Py_ssize_t)count;
    return 0;
}

/* How many documents hold a term, of which no more of its list is read. */
static int lists_doc_count(Lists *self, Py_ssize_t place, uint64_t *count)
{
    static const int widths[4] = {1, 2, 4, 0};
    uint64_t width = (uint64_t)self->starts.width, start, size = (uint64_t)self->lists.size;
    int width_of_count;

    if (place < 0 || place >= lists_size(self)) {
        PyErr_Format(PyExc_IndexError, "there is no term %zd", place);
        return -1;
    }
    if (lists_look_at(self, self->starts_at + (uint64_t)place * width,
                      self->starts_at + (uint64_t)(place + 1) * width) < 0)
        return -1;
    start = number_at(&self->starts, place);
    if (start >= size)
        return lists_damaged("is not there", place);
    if (lists_look_at(self, self->lists_at + start,
                      self->lists_at + (size - start < HEAD_BYTES ? size : start + HEAD_BYTES)) < 0)
        return -1;
    width_of_count = widths[self->lists.bytes[start] & 3];
    if (!width_of_count || size - start - 1 < (uint64_t)width_of_count)
        return lists_damaged("makes no sense", place);
    *count = number_in(self->lists.bytes + start + 1, width_of_count, 0);
    return 0;
}

static void Lists_dealloc(PyObject *object)
{
    Lists *self = (Lists *)object;
    PyTypeObject *type = Py_TYPE(object);
    numbers_release(&self->starts);
    numbers_release(&self->lists);
    pages_release(&self->pages);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *Lists_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *starts, *lists, *data, *checksums, *seen, *look_at, *object;
    unsigned long long starts_at, lists_at;
    Lists *self;

    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Lists() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OKOK(OOOO)", &starts, &starts_at, &lists, &lists_at, &data,
                          &checksums, &seen, &look_at))
        return NULL;
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Lists *)object;
    self->starts_at = starts_at;
    self->lists_at = lists_at;
    if (numbers_take(&self->starts, starts) < 0 || numbers_take(&self->lists, lists) < 0 ||
        pages_take(&self->pages, data, checksums, seen, look_at) < 0) {
        Py_DECREF(object);
        return NULL;
    }
    if (self->starts.size < 1 || self->lists.width != 1) {
        PyErr_SetString(PyExc_ValueError, "these are no lists");
        Py_DECREF(object);
        return NULL;
    }
    return object;
}

static Py_ssize_t Lists_length(PyObject *object)
{
    return lists_size((Lists *)object);
}

static PyType_Slot Lists_slots[] = {
    {Py_tp_new, Lists_new},
    {Py_tp_dealloc, Lists_dealloc},
    {Py_sq_length, Lists_length},
    {Py_tp_doc, "The posting lists of a field."},
    {0, NULL},
};
static PyType_Spec Lists_spec = {
    "search.backends.kernels.compiled.Lists", sizeof(Lists), 0, Py_TPFLAGS_DEFAULT, Lists_slots,
};

#endif
