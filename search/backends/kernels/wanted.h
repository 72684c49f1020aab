/* Words of a query -> the posting lists of a segment that stand for them. */

#ifndef PASSAGES_WANTED_H
#define PASSAGES_WANTED_H

#include "counts.h"
#include "terms.h"

/* One element of a sequence: a term, or several. */
typedef struct {
    long long offset;
    Lists *lists;
    PyObject *places; /* of the terms; NULL: there is one */
    Py_ssize_t place;
} Element;

typedef struct {
    Element *elements;
    Py_ssize_t size; /* 0: some element is nowhere */
} Chain;

/* What a unit stands for in one field: any of some chains. */
typedef struct {
    Chain *chains;
    Py_ssize_t size;
} Chains;

static void chain_free(Chain *chain)
{
    for (Py_ssize_t at = 0; at < chain->size; at++) {
        Py_XDECREF((PyObject *)chain->elements[at].lists);
        Py_XDECREF(chain->elements[at].places);
    }
    free(chain->elements);
}

static void chains_free(Chains *self)
{
    for (Py_ssize_t number = 0; number < self->size; number++)
        chain_free(&self->chains[number]);
    free(self->chains);
}

/* What was looked up by others */

static int element_read(Element *element, PyObject *given, PyObject *lists_of)
{
    PyObject *postings, *places, *lists;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(given, "LOO", &element->offset, &postings, &places) ||
        (size = PySequence_Size(places)) < 0 || !(lists = PyObject_GetItem(lists_of, postings)))
        return -1;
    if (Py_TYPE(lists) != Lists_Type) {
        Py_DECREF(lists);
        PyErr_SetString(PyExc_TypeError, "these are no lists");
        return -1;
    }
    element->lists = (Lists *)lists;
    if (size == 1) {
        PyObject *place = PySequence_GetItem(places, 0);
        element->place = place ? PyLong_AsSsize_t(place) : -1;
        Py_XDECREF(place);
        return PyErr_Occurred() ? -1 : 0;
    }
    Py_INCREF(places);
    element->places = places;
    return 0;
}

static int chain_read(Chain *chain, PyObject *given, PyObject *lists_of)
{
    Py_ssize_t size = PySequence_Size(given);
    chain->elements = size < 0 ? NULL : calloc((size_t)size + 1, sizeof *chain->elements);
    if (!chain->elements)
        return -1;
    for (; chain->size < size; chain->size++) {
        PyObject *one = PySequence_GetItem(given, chain->size);
        int is_read = one && element_read(&chain->elements[chain->size], one, lists_of) == 0;
        Py_XDECREF(one);
        if (!is_read) {
            chain->size++; /* it may hold something */
            return -1;
        }
    }
    return 0;
}

static int chains_read(Chains *chains, PyObject *given, PyObject *lists_of)
{
    Py_ssize_t size = PySequence_Size(given);
    chains->chains = size < 0 ? NULL : calloc((size_t)size + 1, sizeof *chains->chains);
    if (!chains->chains)
        return -1;
    for (; chains->size < size; chains->size++) {
        PyObject *one = PySequence_GetItem(given, chains->size);
        int is_read = one && chain_read(&chains->chains[chains->size], one, lists_of) == 0;
        Py_XDECREF(one);
        if (!is_read) {
            chains->size++;
            return -1;
        }
    }
    return 0;
}

/* What is looked up here */

/* The text fields of a segment, in the order in which they are given. */
enum TextField { TEXT_FIELD, HEADING_FIELD, TITLE_FIELD, AUTHOR_FIELD, TEXT_FIELDS };

/* The terms of a text field; NULL where it has none. */
typedef struct {
    PyObject *name; /* as units have it */
    Lexicon *exact, *stems;
    Py_ssize_t number; /* of the stems, where places of words are told */
} TermField;

typedef struct {
    PyObject_HEAD
    TermField fields[TEXT_FIELDS];
    PyObject *stem;      /* what elements have that are looked up among the stems */
    PyObject *equal;     /* and those that are no patterns */
    PyObject *languages; /* a tuple */
    PyObject *words;     /* what there is of words */
} Fields;

static PyTypeObject *Fields_Type;

/* The item of a tuple of at least so many, borrowed. */
static PyObject *item_of(PyObject *tuple, Py_ssize_t at)
{
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "this is no tuple");
        return NULL;
    }
    return PyTuple_GetItem(tuple, at);
}

/* Put the list of a text on a chain, if the lexicon has it: 1; else 0, or -1 with an exception. */
static int chain_add_text(Chain *chain, long long offset, Lexicon *lexicon, PyObject *string)
{
    Element *element = &chain->elements[chain->size];
    PyObject *encoded;
    Text text;
    Py_ssize_t place;
    if (!lexicon)
        return 0;
    if (string_text(string, &text, &encoded) < 0)
        return -1;
    place = terms_find(lexicon, &text, 0, lexicon_size(lexicon));
    Py_XDECREF(encoded);
    if (place < 0)
        return place < -1 ? -1 : 0;
    element->offset = offset;
    element->place = place;
    element->lists = lexicon->lists;
    Py_INCREF((PyObject *)element->lists);
    chain->size++;
    return 1;
}

/* What there is of a word: a list of its languages and places there; borrowed of what was asked. */
static PyObject *word_found(const Fields *self, PyObject *word, PyObject *asked)
{
    PyObject *known = PyDict_GetItemWithError(asked, word), *found;
    int is_kept;
    if (!known) {
        if (PyErr_Occurred() || !(known = PyObject_GetItem(self->words, word)))
            return NULL;
        is_kept = PyDict_SetItem(asked, word, known);
        Py_DECREF(known);
        if (is_kept < 0)
            return NULL;
    }
    found = item_of(known, 0);
    if (found && !PyList_Check(found)) {
        PyErr_SetString(PyExc_TypeError, "what is found of a word is a list");
        return NULL;
    }
    return found;
}

/* The language of an entry of what is found of a word, and the place of its stem; -1 with an
   exception. */
static Py_ssize_t entry_read(PyObject *found, Py_ssize_t at, Py_ssize_t number, Py_ssize_t *place)
{
    PyObject *entry = PyList_GetItem(found, at), *places, *one;
    Py_ssize_t language = -1;
    if (!entry || !(one = item_of(entry, 0)) || !(places = item_of(entry, 2)))
        return -1;
    language = PyLong_AsSsize_t(one);
    *place = -1;
    if (number >= 0) {
        one = item_of(places, number);
        *place = one ? PyLong_AsSsize_t(one) : -1;
    }
    if (language < 0 && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "there is no such language");
    return PyErr_Occurred() ? -1 : language;
}

/* Put the stem of a word in a language on a chain, if it is there: 1; else 0, or -1. */
static int chain_add_word(Chain *chain, long long offset, const TermField *in, PyObject *found,
                          Py_ssize_t language)
{
    Element *element = &chain->elements[chain->size];
    for (Py_ssize_t at = 0; at < PyList_Size(found); at++) {
        Py_ssize_t place, of = entry_read(found, at, in->number, &place);
        if (of < 0)
            return -1;
        if (of != language)
            continue;
        if (place < 0)
            return 0;
        element->offset = offset;
        element->place = place;
        element->lists = in->stems->lists;
        Py_INCREF((PyObject *)element->lists);
        chain->size++;
        return 1;
    }
    return 0;
}

/* An element of a plan, borrowed. */
typedef struct {
    long long offset;
    PyObject *form, *text, *languages;
} Place;

static int place_read(PyObject *given, Place *place)
{
    PyObject *offset = item_of(given, 0);
    place->form = offset ? PyTuple_GetItem(given, 1) : NULL;
    place->text = place->form ? PyTuple_GetItem(given, 2) : NULL;
    place->languages = place->text ? PyTuple_GetItem(given, 5) : NULL;
    if (!place->languages)
        return -1;
    if (!PyUnicode_Check(place->text) || !PyTuple_Check(place->languages)) {
        PyErr_SetString(PyExc_TypeError, "this is no element of a plan");
        return -1;
    }
    place->offset = PyLong_AsLongLong(offset);
    return PyErr_Occurred() ? -1 : 0;
}

/* Put on a chain what a sequence stands for in a language (-1: in any): 1 if all of it is there, 0
   if not, -1 with an exception. */
static int chain_find(Chain *chain, const Fields *self, const TermField *in, PyObject *sequence,
                      Py_ssize_t language, PyObject *asked)
{
    Py_ssize_t size = PyTuple_Size(sequence);
    chain->elements = calloc((size_t)size + 1, sizeof *chain->elements);
    if (!chain->elements) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        Place place;
        PyObject *found;
        int is_there;
        if (place_read(PyTuple_GetItem(sequence, at), &place) < 0)
            return -1;
        if (PyTuple_Size(place.languages)) {
            found = word_found(self, place.text, asked);
            is_there = found ? chain_add_word(chain, place.offset, in, found, language) : -1;
        } else {
            Lexicon *lexicon = place.form == self->stem ? in->stems : in->exact;
            is_there = chain_add_text(chain, place.offset, lexicon, place.text);
        }
        if (is_there <= 0)
            return is_there;
    }
    return size > 0;
}

/* Make room for one chain more. */
static Chain *chain_room(Chains *chains)
{
    Py_ssize_t size = chains->size;
    if ((size & (size - 1)) == 0) { /* it is full */
        Chain *more = realloc(chains->chains, (size_t)(size ? 2 * size : 1) * sizeof *more);
        if (!more) {
            PyErr_NoMemory();
            return NULL;
        }
        chains->chains = more;
    }
    memset(&chains->chains[size], 0, sizeof *chains->chains);
    return &chains->chains[size];
}

/* Put what a sequence stands for in a language on a list, if it is there. */
static int chains_add(Chains *chains, const Fields *self, const TermField *in, PyObject *sequence,
                      Py_ssize_t language, PyObject *asked)
{
    Chain *chain = chain_room(chains);
    int is_there = chain ? chain_find(chain, self, in, sequence, language, asked) : -1;
    if (is_there > 0)
        chains->size++;
    else if (chain)
        chain_free(chain);
    return is_there < 0 ? -1 : 0;
}

/* The first element of a sequence that is a word, whose stem is looked up: 0 where none is. */
static int word_in(PyObject *sequence, Place *word)
{
    Py_ssize_t size = PyTuple_Size(sequence);
    for (Py_ssize_t at = 0; at < size; at++) {
        if (place_read(PyTuple_GetItem(sequence, at), word) < 0)
            return -1;
        if (PyTuple_Size(word->languages))
            return 1;
    }
    return size < 0 ? -1 : 0;
}

/* What sequences stand for in a field, each in all of its languages. */
static int chains_find(Chains *chains, const Fields *self, const TermField *in,
                       PyObject *sequences, PyObject *asked)
{
    Py_ssize_t size = PyTuple_Size(sequences);
    if (size < 0)
        return -1;
    if (!in->exact && !in->stems)
        return 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        PyObject *sequence = PyTuple_GetItem(sequences, at), *found;
        Place word;
        int has_word = PyTuple_Check(sequence) ? word_in(sequence, &word) : -1;
        if (has_word < 0) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a sequence is a tuple");
            return -1;
        }
        if (!has_word) {
            if (chains_add(chains, self, in, sequence, -1, asked) < 0)
                return -1;
            continue;
        }
        if (!in->stems)
            continue;
        found = word_found(self, word.text, asked);
        for (Py_ssize_t one = 0; found && one < PyList_Size(found); one++) {
            Py_ssize_t place, language = entry_read(found, one, in->number, &place);
            int is_asked = language < 0 ? -1 : place >= 0;
            if (is_asked > 0 && word.languages != self->languages) {
                PyObject *name = PyTuple_GetItem(self->languages, language);
                is_asked = name ? PySequence_Contains(word.languages, name) : -1;
            }
            if (is_asked < 0 ||
                (is_asked && chains_add(chains, self, in, sequence, language, asked) < 0))
                return -1;
        }
        if (!found)
            return -1;
    }
    return 0;
}

static void Fields_dealloc(PyObject *object)
{
    Fields *self = (Fields *)object;
    PyTypeObject *type = Py_TYPE(object);
    for (int at = 0; at < TEXT_FIELDS; at++) {
        Py_XDECREF(self->fields[at].name);
        Py_XDECREF((PyObject *)self->fields[at].exact);
        Py_XDECREF((PyObject *)self->fields[at].stems);
    }
    Py_XDECREF(self->stem);
    Py_XDECREF(self->equal);
    Py_XDECREF(self->languages);
    Py_XDECREF(self->words);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static int term_field_read(TermField *field, PyObject *given)
{
    PyObject *name, *each[2];
    Lexicon **to[2] = {&field->exact, &field->stems};
    if (!PyArg_ParseTuple(given, "OOOn", &name, &each[0], &each[1], &field->number))
        return -1;
    Py_INCREF(name);
    field->name = name;
    for (int at = 0; at < 2; at++) {
        if (each[at] == Py_None)
            continue;
        if (!(*to[at] = lexicon_from(each[at])))
            return -1;
        Py_INCREF(each[at]);
    }
    return 0;
}

static PyObject *Fields_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *given, *stem, *equal, *languages, *words, *object;
    Fields *self;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Fields() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OOOOO", &given, &stem, &equal, &languages, &words))
        return NULL;
    if (!PyTuple_Check(given) || PyTuple_Size(given) != TEXT_FIELDS || !PyTuple_Check(languages)) {
        PyErr_SetString(PyExc_TypeError, "these are no fields and languages");
        return NULL;
    }
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Fields *)object;
    Py_INCREF(stem);
    self->stem = stem;
    Py_INCREF(equal);
    self->equal = equal;
    Py_INCREF(languages);
    self->languages = languages;
    Py_INCREF(words);
    self->words = words;
    for (int at = 0; at < TEXT_FIELDS; at++) {
        PyObject *field = PyTuple_GetItem(given, at);
        if (!PyTuple_Check(field) || term_field_read(&self->fields[at], field) < 0) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a field is a tuple");
            Py_DECREF(object);
            return NULL;
        }
    }
    return object;
}

static PyType_Slot Fields_slots[] = {
    {Py_tp_new, Fields_new},
    {Py_tp_dealloc, Fields_dealloc},
    {Py_tp_doc, "The terms of a segment by text field, and how words are looked up there."},
    {0, NULL},
};
static PyType_Spec Fields_spec = {
    "search.backends.kernels.compiled.Fields", sizeof(Fields), 0, Py_TPFLAGS_DEFAULT, Fields_slots,
};

#endif
