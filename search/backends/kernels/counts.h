/* How often something occurs: documents, rising, with the number in each; also a set of them. */

#ifndef PASSAGES_COUNTS_H
#define PASSAGES_COUNTS_H

#include "lists.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t size;
    uint32_t *docs;
    double *numbers;  /* NULL: of a set, all 1 */
    uint32_t *firsts; /* where the positions in each document begin; NULL: there are none */
    const unsigned char *positions;
    int position_width; /* 0: all are 0 */
    uint32_t *own_positions;
    PyObject *owner; /* the lists that positions lie in */
} Counts;

static PyTypeObject *Counts_Type;

static void Counts_dealloc(PyObject *object)
{
    Counts *self = (Counts *)object;
    PyTypeObject *type = Py_TYPE(object);
    free(self->docs);
    free(self->numbers);
    free(self->firsts);
    free(self->own_positions);
    Py_XDECREF(self->owner);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* Room for so many documents, and for numbers if it is no set. */
static Counts *counts_new(Py_ssize_t size, int has_numbers)
{
    PyObject *object = ((allocfunc)PyType_GetSlot(Counts_Type, Py_tp_alloc))(Counts_Type, 0);
    Counts *self = (Counts *)object;
    if (!object)
        return NULL;
    self->size = size;
    self->docs = malloc((size_t)(size ? size : 1) * sizeof *self->docs);
    if (has_numbers)
        self->numbers = malloc((size_t)(size ? size : 1) * sizeof *self->numbers);
    if (!self->docs || (has_numbers && !self->numbers)) {
        Py_DECREF(object);
        PyErr_NoMemory();
        return NULL;
    }
    return self;
}

/* Give back the room that is not used after all. */
static void counts_shrink(Counts *self, Py_ssize_t size)
{
    if (size < self->size / 2) {
        size_t room = (size_t)(size ? size : 1);
        uint32_t *docs = realloc(self->docs, room * sizeof *docs);
        if (docs)
            self->docs = docs;
        if (self->numbers) {
            double *numbers = realloc(self->numbers, room * sizeof *numbers);
            if (numbers)
                self->numbers = numbers;
        }
    }
    self->size = size;
}

static inline double count_of(const Counts *self, Py_ssize_t place)
{
    return self->numbers ? self->numbers[place] : 1.0;
}

/* The first place from ``at`` on whose document is not below; looked for near ``at`` first. */
static inline Py_ssize_t seek(const uint32_t *docs, Py_ssize_t size, Py_ssize_t at, uint32_t doc)
{
    Py_ssize_t step = 1, end;
    if (at >= size || docs[at] >= doc)
        return at;
    while (step < size - at && docs[at + step] < doc) {
        at += step;
        step *= 2;
    }
    end = step < size - at ? at + step : size;
    at++;
    while (at < end) {
        Py_ssize_t middle = at + (end - at) / 2;
        if (docs[middle] < doc)
            at = middle + 1;
        else
            end = middle;
    }
    return at;
}

static PyObject *Counts_get(PyObject *object, PyObject *args)
{
    Counts *self = (Counts *)object;
    unsigned int doc;
    double otherwise;
    Py_ssize_t at;
    if (!PyArg_ParseTuple(args, "Id", &doc, &otherwise))
        return NULL;
    at = seek(self->docs, self->size, 0, doc);
    if (at < self->size && self->docs[at] == doc)
        return PyFloat_FromDouble(count_of(self, at));
    return PyFloat_FromDouble(otherwise);
}

static PyObject *Counts_docs(PyObject *object, PyObject *unused)
{
    Counts *self = (Counts *)object;
    PyObject *found = PyList_New(self->size);
    (void)unused;
    for (Py_ssize_t at = 0; found && at < self->size; at++) {
        PyObject *doc = PyLong_FromUnsignedLong(self->docs[at]);
        if (!doc || PyList_SetItem(found, at, doc) < 0)
            Py_CLEAR(found);
    }
    return found;
}

static PyObject *Counts_among(PyObject *object, PyObject *docs)
{
    Counts *self = (Counts *)object;
    PyObject *found = PyList_New(0);
    Py_ssize_t size = PySequence_Size(docs);
    if (size < 0)
        Py_CLEAR(found);
    for (Py_ssize_t number = 0; found && number < size; number++) {
        PyObject *one = PySequence_GetItem(docs, number);
        unsigned long doc = one ? PyLong_AsUnsignedLong(one) : 0;
        if (!one || PyErr_Occurred()) {
            Py_CLEAR(found);
        } else if (doc <= UINT32_MAX) {
            Py_ssize_t at = seek(self->docs, self->size, 0, (uint32_t)doc);
            if (at < self->size && self->docs[at] == doc && PyList_Append(found, one) < 0)
                Py_CLEAR(found);
        }
        Py_XDECREF(one);
    }
    return found;
}

static Py_ssize_t Counts_length(PyObject *object)
{
    return ((Counts *)object)->size;
}

static PyMethodDef Counts_methods[] = {
    {"get", Counts_get, METH_VARARGS, "The number in one document, or what is given."},
    {"docs", Counts_docs, METH_NOARGS, "The documents."},
    {"among", Counts_among, METH_O, "Those of a few documents that have counts."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Counts_slots[] = {
    {Py_tp_dealloc, Counts_dealloc},
    {Py_tp_methods, Counts_methods},
    {Py_sq_length, Counts_length},
    {Py_tp_doc, "How often something occurs, by document."},
    {0, NULL},
};
static PyType_Spec Counts_spec = {
    "search.backends.kernels.compiled.Counts", sizeof(Counts), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, Counts_slots,
};

/* Counts from an argument; NULL, and a TypeError, for anything else. */
static Counts *counts_from(PyObject *object)
{
    if (Py_TYPE(object) != Counts_Type) {
        PyErr_SetString(PyExc_TypeError, "these are no counts");
        return NULL;
    }
    return (Counts *)object;
}

#endif
