/* Words -> their stems in several languages, where any of some lexicons has them. */

#ifndef PASSAGES_STEMS_H
#define PASSAGES_STEMS_H

#include "terms.h"

/* Where the terms of a language are in a lexicon. */
typedef struct {
    Py_ssize_t first, end;
} Range;

/* Of a language with few terms, which ones there may be: a word that is none of them, as most are,
   need not be searched. */
typedef struct {
    uint64_t *marks; /* NULL until the language was asked for some times */
    uint64_t mask;
    int asked;
} Sieve;

enum { SIEVED_FROM = 8, MOST_SIEVED = 1 << 12, MARKS_A_TERM = 16 };

typedef struct {
    PyObject_HEAD
    PyObject *lexicons, *heads; /* tuples */
    Range *ranges;              /* by language, then by lexicon */
    Sieve *sieves;              /* by language */
} Stems;

static PyTypeObject *Stems_Type;

static uint64_t sieve_mark(const Sieve *sieve, const unsigned char *bytes, size_t size)
{
    uint64_t hash = size;
    while (size--)
        hash = (hash ^ *bytes++) * 0x9E3779B97F4A7C15u;
    return (hash >> 32) & sieve->mask;
}

/* Mark the terms of a language, behind their head; -1 with an exception. */
static int sieve_make(const Stems *self, Py_ssize_t language, size_t head)
{
    Sieve *sieve = &self->sieves[language];
    Py_ssize_t size = PyTuple_Size(self->lexicons), terms = 0;
    const Range *ranges = self->ranges + language * size;
    uint64_t *marks;
    for (Py_ssize_t at = 0; at < size; at++)
        terms += ranges[at].end - ranges[at].first;
    if (terms > MOST_SIEVED)
        return 0;
    sieve->mask = 63;
    while (sieve->mask + 1 < (uint64_t)terms * MARKS_A_TERM)
        sieve->mask = 2 * sieve->mask + 1;
    marks = calloc((size_t)(sieve->mask + 1) / 64, sizeof *marks);
    if (!marks) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        Lexicon *lexicon = (Lexicon *)PyTuple_GetItem(self->lexicons, at);
        for (Py_ssize_t place = ranges[at].first; place < ranges[at].end; place++) {
            Text term;
            uint64_t mark;
            if (term_get(lexicon, place, &term) < 0) {
                free(marks);
                return -1;
            }
            if (term.size < head)
                continue;
            mark = sieve_mark(sieve, term.bytes + head, term.size - head);
            marks[mark >> 6] |= (uint64_t)1 << (mark & 63);
        }
    }
    sieve->marks = marks;
    return 0;
}

/* Whether a stem may be a term of a language: -1 with an exception. */
static int may_be_term(const Stems *self, Py_ssize_t language, const Text *stem, size_t head)
{
    Sieve *sieve = &self->sieves[language];
    uint64_t mark;
    if (sieve->asked < SIEVED_FROM && ++sieve->asked == SIEVED_FROM &&
        sieve_make(self, language, head) < 0)
        return -1;
    if (!sieve->marks)
        return 1;
    mark = sieve_mark(sieve, stem->bytes, stem->size);
    return (int)(sieve->marks[mark >> 6] >> (mark & 63) & 1);
}

static int number_put(PyObject *tuple, Py_ssize_t at, long long number)
{
    PyObject *one = PyLong_FromLongLong(number);
    return one ? PyTuple_SetItem(tuple, at, one) : -1;
}

/* The places of a term of a language in each lexicon, and the number of its documents there: two
   tuples; None where none has it. */
static PyObject *stem_places(const Stems *self, Py_ssize_t language, PyObject *term)
{
    Py_ssize_t size = PyTuple_Size(self->lexicons);
    const Range *ranges = self->ranges + language * size;
    PyObject *places = NULL, *counts = NULL, *found = NULL;
    Text text;
    if (bytes_text(term, &text) < 0)
        return NULL;
    for (Py_ssize_t at = 0; at < size; at++) {
        Lexicon *lexicon = (Lexicon *)PyTuple_GetItem(self->lexicons, at);
        Py_ssize_t place = terms_find(lexicon, &text, ranges[at].first, ranges[at].end);
        uint64_t count = 0;
        if (place < -1)
            goto done;
        if (place < 0 && !places)
            continue;
        if (!places) { /* nowhere before */
            places = PyTuple_New(size);
            counts = places ? PyTuple_New(size) : NULL;
            if (!counts)
                goto done;
            for (Py_ssize_t before = 0; before < at; before++)
                if (number_put(places, before, -1) < 0 || number_put(counts, before, 0) < 0)
                    goto done;
        }
        if (place >= 0 && lists_doc_count(lexicon->lists, place, &count) < 0)
            goto done;
        if (number_put(places, at, place) < 0 || number_put(counts, at, (long long)count) < 0)
            goto done;
    }
    if (places) {
        found = PyTuple_Pack(2, places, counts);
    } else {
        found = Py_None;
        Py_INCREF(found);
    }
done:
    Py_XDECREF(places);
    Py_XDECREF(counts);
    return found;
}

/* One text behind another. */
static PyObject *joined(const Text *head, const Text *text)
{
    PyObject *found = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(head->size + text->size));
    if (found) {
        char *to = PyBytes_AsString(found);
        memcpy(to, head->bytes, head->size);
        memcpy(to + head->size, text->bytes, text->size);
    }
    return found;
}

/* Put what a word is in a language on a list, if it is there. */
static int stem_note(const Stems *self, PyObject *found, Py_ssize_t language, PyObject *stem)
{
    PyObject *encoded, *term = NULL, *places = NULL, *one;
    Text head, text;
    int is_done = -1;
    if (bytes_text(PyTuple_GetItem(self->heads, language), &head) < 0 ||
        string_text(stem, &text, &encoded) < 0)
        return -1;
    is_done = may_be_term(self, language, &text, head.size);
    if (is_done <= 0)
        goto done;
    is_done = -1;
    term = joined(&head, &text);
    places = term ? stem_places(self, language, term) : NULL;
    if (places == Py_None) {
        is_done = 0;
    } else if (places) {
        one = Py_BuildValue("nOOO", language, term, PyTuple_GetItem(places, 0),
                            PyTuple_GetItem(places, 1));
        is_done = one ? PyList_Append(found, one) : -1;
        Py_XDECREF(one);
    }
done:
    Py_XDECREF(encoded);
    Py_XDECREF(places);
    Py_XDECREF(term);
    return is_done;
}

static PyObject *Stems_find(PyObject *object, PyObject *args)
{
    const Stems *self = (Stems *)object;
    PyObject *word, *stemmers, *found;
    Py_ssize_t size = PyTuple_Size(self->heads);
    if (!PyArg_ParseTuple(args, "UO", &word, &stemmers))
        return NULL;
    if (PyTuple_Size(stemmers) != size) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "each language has a stemmer, or None");
        return NULL;
    }
    found = PyList_New(0);
    for (Py_ssize_t language = 0; found && language < size; language++) {
        PyObject *stemmer = PyTuple_GetItem(stemmers, language), *stem = word;
        if (stemmer == Py_None)
            Py_INCREF(stem);
        else
            stem = PyObject_CallFunctionObjArgs(stemmer, word, NULL);
        if (!stem || stem_note(self, found, language, stem) < 0)
            Py_CLEAR(found);
        Py_XDECREF(stem);
    }
    return found;
}

static void Stems_dealloc(PyObject *object)
{
    Stems *self = (Stems *)object;
    PyTypeObject *type = Py_TYPE(object);
    for (Py_ssize_t at = 0; self->sieves && at < PyTuple_Size(self->heads); at++)
        free(self->sieves[at].marks);
    free(self->sieves);
    free(self->ranges);
    Py_XDECREF(self->lexicons);
    Py_XDECREF(self->heads);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *Stems_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *lexicons, *heads, *object;
    Py_ssize_t languages, size;
    Stems *self;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Stems() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OO", &lexicons, &heads))
        return NULL;
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Stems *)object;
    self->lexicons = PySequence_Tuple(lexicons);
    self->heads = PySequence_Tuple(heads);
    if (!self->lexicons || !self->heads)
        goto failed;
    size = PyTuple_Size(self->lexicons);
    languages = PyTuple_Size(self->heads);
    self->ranges = calloc((size_t)languages * (size_t)size + 1, sizeof *self->ranges);
    self->sieves = calloc((size_t)languages + 1, sizeof *self->sieves);
    if (!self->ranges || !self->sieves) {
        PyErr_NoMemory();
        goto failed;
    }
    for (Py_ssize_t language = 0; language < languages; language++) {
        Text head;
        if (bytes_text(PyTuple_GetItem(self->heads, language), &head) < 0)
            goto failed;
        for (Py_ssize_t at = 0; at < size; at++) {
            Range *range = &self->ranges[language * size + at];
            Lexicon *lexicon = lexicon_from(PyTuple_GetItem(self->lexicons, at));
            if (!lexicon || terms_beginning(lexicon, &head, &range->first, &range->end) < 0)
                goto failed;
        }
    }
    return object;
failed:
    Py_DECREF(object);
    return NULL;
}

static PyMethodDef Stems_methods[] = {
    {"find", Stems_find, METH_VARARGS, "Where a word's stems are, by language."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Stems_slots[] = {
    {Py_tp_new, Stems_new},
    {Py_tp_dealloc, Stems_dealloc},
    {Py_tp_methods, Stems_methods},
    {Py_tp_doc, "The stems that some lexicons have, by language."},
    {0, NULL},
};
static PyType_Spec Stems_spec = {
    "search.backends.kernels.compiled.Stems", sizeof(Stems), 0, Py_TPFLAGS_DEFAULT, Stems_slots,
};

#endif
