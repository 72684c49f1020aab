/* Where the units of one query stand in a segment: looked up once, when it is asked for. */

#ifndef PASSAGES_UNITS_H
#define PASSAGES_UNITS_H

#include "chains.h"
#include "scores.h"
#include "wanted.h"

/* What a unit is looked up in, as the caller of Units() says. */
enum Kind {
    IN_CONTEXT,  /* passages' text, with headings, titles and articles */
    IN_PASSAGES, /* a field of passages */
    IN_ARTICLES, /* a field of whole articles */
    COUNTED      /* counts are given */
};

/* One unit, with what was found of it. */
typedef struct {
    int kind, in_text, is_apart, has_telling, is_cut;
    long long slop;
    Chains body, headings, titles, telling, telling_titles;
    Counts *whole; /* in all live passages; NULL: not yet known */
    /* Those of which scores are made, in some documents at least, and where not in all, in which;
       articles are NULL where each is one paragraph and no more than that. */
    Counts *own, *in_headings, *in_titles, *articles;
    Counts *within;
} Wanted;

typedef struct {
    PyObject_HEAD
    Segment *segment;
    PyObject *check, *timeout; /* raises the other when the time is over */
    Wanted *units;
    Py_ssize_t size, steps;
    Counts *none;
} Units;

static PyTypeObject *Units_Type;

/* To look a unit up takes so many steps at least. */
enum { STEPS_OF_A_UNIT = 64 };

/* In time */

/* Before so many steps: -1 and what is raised if the time is over. */
static int time_spend(Units *self, Py_ssize_t steps)
{
    PyObject *done;
    if (self->steps < STEPS) {
        self->steps += steps;
        return 0;
    }
    done = PyObject_CallFunctionObjArgs(self->check, NULL);
    if (!done)
        return -1; /* it is looked again next time */
    Py_DECREF(done);
    self->steps = steps;
    return 0;
}

/* After something was raised: whether that the time is over, of which note is taken. */
static int unit_is_cut(Units *self, Wanted *unit)
{
    if (!PyErr_ExceptionMatches(self->timeout))
        return 0;
    PyErr_Clear();
    self->steps = STEPS;
    unit->is_cut = 1;
    return 1;
}

static Counts *nothing(Units *self)
{
    Py_INCREF((PyObject *)self->none);
    return self->none;
}

/* Reading what is wanted */

/* Read a unit that others looked up, or counted. */
static int wanted_read(const Units *self, Wanted *unit, PyObject *given, PyObject *lists_of)
{
    PyObject *each[5];
    Counts **counts[4] = {&unit->own, &unit->in_headings, &unit->in_titles, &unit->articles};
    Chains *chains[5] = {&unit->body, &unit->headings, &unit->titles, &unit->telling,
                         &unit->telling_titles};
    if (PyTuple_Size(given) == 5) {
        unit->kind = COUNTED;
        if (!PyArg_ParseTuple(given, "OOOOp", &each[0], &each[1], &each[2], &each[3],
                              &unit->in_text))
            return -1;
        for (int at = 0; at < 4; at++) {
            Counts *one = own_counts(self->segment, each[at]);
            if (!one)
                return -1;
            Py_INCREF(each[at]);
            *counts[at] = one;
        }
        Py_INCREF(each[0]);
        unit->whole = unit->own;
        return 0;
    }
    if (!PyArg_ParseTuple(given, "iLppOOOOO", &unit->kind, &unit->slop, &unit->in_text,
                          &unit->is_apart, &each[0], &each[1], &each[2], &each[3], &each[4]))
        return -1;
    if (unit->kind < IN_CONTEXT || unit->kind > IN_ARTICLES) {
        PyErr_SetString(PyExc_ValueError, "there is no such kind of unit");
        return -1;
    }
    for (int at = 0; at < 5; at++)
        if (chains_read(chains[at], each[at], lists_of) < 0)
            return -1;
    unit->has_telling = unit->telling.size > 0;
    return 0;
}

/* Whether no document has two of what is looked up: it is one, or stems of one word. */
static int sequences_are_apart(PyObject *sequences)
{
    PyObject *first = PyTuple_Size(sequences) == 1 ? PyTuple_GetItem(sequences, 0) : NULL;
    return first && PyTuple_Check(first) && PyTuple_Size(first) == 1;
}

/* Whether a unit as plans have it (label, field, alternatives, slop, span, telling, own, near) has
   no pattern and nothing near; -1 with an exception. For each element a step is added. */
static int unit_is_plain(PyObject *planned, const Fields *fields, Py_ssize_t *steps)
{
    PyObject *near = item_of(planned, 7), *sequences = near ? PyTuple_GetItem(planned, 2) : NULL;
    if (!sequences || PyTuple_Size(near) != 0)
        return sequences && !PyErr_Occurred() ? 0 : -1;
    for (Py_ssize_t at = 0; at < PyTuple_Size(sequences); at++) {
        PyObject *sequence = PyTuple_GetItem(sequences, at);
        Py_ssize_t size = PyTuple_Size(sequence);
        for (Py_ssize_t one = 0; one < size; one++) {
            PyObject *pattern = item_of(PyTuple_GetItem(sequence, one), 3);
            if (pattern != fields->equal)
                return pattern ? 0 : -1;
        }
        *steps += size;
    }
    return PyErr_Occurred() ? -1 : 1;
}

/* Look such a unit up. */
static int wanted_find(Wanted *unit, PyObject *given, const Fields *fields, PyObject *asked)
{
    PyObject *name, *sequences, *telling;
    const TermField *own_field, *titles;
    int field = TEXT_FIELD, own;
    name = PyTuple_GetItem(given, 1);
    sequences = PyTuple_GetItem(given, 2);
    unit->slop = PyLong_AsLongLong(PyTuple_GetItem(given, 3));
    telling = PyTuple_GetItem(given, 5);
    own = PyObject_IsTrue(PyTuple_GetItem(given, 6));
    while (field < TEXT_FIELDS && fields->fields[field].name != name)
        field++;
    if (PyErr_Occurred() || own < 0 || field == TEXT_FIELDS || !PyTuple_Check(sequences) ||
        !PyTuple_Check(telling))
        goto wrong;
    unit->in_text = field == TEXT_FIELD;
    unit->kind = field == TITLE_FIELD || field == AUTHOR_FIELD ? IN_ARTICLES
                 : unit->in_text && !own                       ? IN_CONTEXT
                                                               : IN_PASSAGES;
    unit->is_apart = sequences_are_apart(PyTuple_Size(telling) ? telling : sequences);
    unit->has_telling = PyTuple_Size(telling) > 0;
    own_field = &fields->fields[field];
    if (chains_find(&unit->body, fields, own_field, sequences, asked) < 0 ||
        chains_find(&unit->telling, fields, own_field, telling, asked) < 0)
        return -1;
    if (unit->kind != IN_CONTEXT)
        return 0;
    titles = &fields->fields[TITLE_FIELD];
    return chains_find(&unit->headings, fields, &fields->fields[HEADING_FIELD], sequences,
                       asked) < 0 ||
                   chains_find(&unit->titles, fields, titles, sequences, asked) < 0 ||
                   chains_find(&unit->telling_titles, fields, titles, telling, asked) < 0
               ? -1
               : 0;
wrong:
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "this is no unit of a plan");
    return -1;
}

static void scored_forget(Wanted *unit)
{
    Py_CLEAR(unit->own);
    Py_CLEAR(unit->in_headings);
    Py_CLEAR(unit->in_titles);
    Py_CLEAR(unit->articles);
    Py_CLEAR(unit->within);
}

static void Units_dealloc(PyObject *object)
{
    Units *self = (Units *)object;
    PyTypeObject *type = Py_TYPE(object);
    for (Py_ssize_t at = 0; at < self->size; at++) {
        Wanted *unit = &self->units[at];
        chains_free(&unit->body);
        chains_free(&unit->headings);
        chains_free(&unit->titles);
        chains_free(&unit->telling);
        chains_free(&unit->telling_titles);
        Py_CLEAR(unit->whole);
        scored_forget(unit);
    }
    free(self->units);
    Py_XDECREF((PyObject *)self->none);
    Py_XDECREF((PyObject *)self->segment);
    Py_XDECREF(self->check);
    Py_XDECREF(self->timeout);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* Take a unit as it is planned; those with patterns, or of what is near, another looks up. */
static int unit_take(Units *self, Wanted *unit, PyObject *planned, const Fields *fields,
                     PyObject *asked, PyObject *looked_up, PyObject *lists_of)
{
    Py_ssize_t steps = STEPS_OF_A_UNIT;
    int is_plain = unit_is_plain(planned, fields, &steps), is_read;
    PyObject *given;
    if (is_plain < 0)
        return -1;
    if (!is_plain) {
        PyObject *number = PyLong_FromSsize_t(unit - self->units);
        given = number ? PyObject_CallFunctionObjArgs(looked_up, number, NULL) : NULL;
        Py_XDECREF(number);
        is_read = given && PyTuple_Check(given) ? wanted_read(self, unit, given, lists_of) : -1;
        if (given && !PyTuple_Check(given))
            PyErr_SetString(PyExc_TypeError, "what was looked up is a tuple");
        Py_XDECREF(given);
        return is_read;
    }
    if (time_spend(self, steps) < 0)
        return unit_is_cut(self, unit) ? 0 : -1;
    return wanted_find(unit, planned, fields, asked);
}

static PyObject *Units_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *segment, *each, *fields, *asked, *looked_up, *lists_of, *check, *timeout, *object;
    Units *self;
    Py_ssize_t size;
    if (kwargs && PyDict_Size(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Units() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "OOOOOOOO", &segment, &each, &fields, &asked, &looked_up,
                          &lists_of, &check, &timeout) ||
        (size = PySequence_Size(each)) < 0)
        return NULL;
    if (Py_TYPE(segment) != Segment_Type || Py_TYPE(fields) != Fields_Type ||
        !PyDict_Check(asked)) {
        PyErr_SetString(PyExc_TypeError, "this is no segment, or these are no fields of one");
        return NULL;
    }
    object = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!object)
        return NULL;
    self = (Units *)object;
    Py_INCREF(segment);
    self->segment = (Segment *)segment;
    Py_INCREF(check);
    self->check = check;
    Py_INCREF(timeout);
    self->timeout = timeout;
    self->steps = STEPS; /* the clock is looked at first */
    self->none = counts_new(0, 1);
    self->units = calloc((size_t)size + 1, sizeof *self->units);
    if (!self->none || !self->units) {
        PyErr_NoMemory();
        Py_DECREF(object);
        return NULL;
    }
    while (self->size < size) {
        PyObject *one = PySequence_GetItem(each, self->size);
        int is_taken = one ? unit_take(self, &self->units[self->size], one, (Fields *)fields,
                                       asked, looked_up, lists_of)
                           : -1;
        Py_XDECREF(one);
        self->size++;
        if (is_taken < 0) {
            Py_DECREF(object);
            return NULL;
        }
    }
    return object;
}

static Wanted *unit_at(Units *self, Py_ssize_t number)
{
    if (number >= 0 && number < self->size)
        return &self->units[number];
    PyErr_Format(PyExc_IndexError, "there is no unit %zd", number);
    return NULL;
}

/* How often */

static int are_terms(const Chains *chains)
{
    for (Py_ssize_t at = 0; at < chains->size; at++)
        if (chains->chains[at].size > 1)
            return 0;
    return 1;
}

/* What documents must have: a list, any of a unit's, or counts. */
typedef struct {
    const Element *list; /* NULL: none */
    Wanted *unit;        /* whose lists they are; NULL: none's */
    Counts *counts;      /* of lists those that were found; NULL: not yet */
    Py_ssize_t size;     /* at most so many documents have it */
} Required;

static int by_size(const void *one, const void *other)
{
    const Required *a = one, *b = other;
    return (a->size > b->size) - (a->size < b->size);
}

static int list_require(Required *one, const Element *list)
{
    List found;
    one->list = list;
    if (lists_get(list->lists, list->place, &found) < 0)
        return -1;
    one->size = found.count;
    return 0;
}

/* Whether a unit of passages is any of some lists. */
static int are_lists(const Wanted *unit)
{
    if (unit->kind > IN_PASSAGES || unit->whole || !unit->body.size)
        return 0;
    for (Py_ssize_t at = 0; at < unit->body.size; at++) {
        const Chain *chain = &unit->body.chains[at];
        if (chain->size != 1 || chain->elements[0].places)
            return 0;
    }
    return 1;
}

static int unit_require(Required *one, Wanted *unit)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t at = 0; at < unit->body.size; at++) {
        if (list_require(one, &unit->body.chains[at].elements[0]) < 0)
            return -1;
        size += one->size;
    }
    one->unit = unit;
    one->size = size;
    return 0;
}

static void counts_require(Required *one, Counts *counts)
{
    one->counts = counts;
    one->size = counts->size;
    Py_INCREF((PyObject *)counts);
}

static void required_free(Required *each, Py_ssize_t size)
{
    for (Py_ssize_t at = 0; each && at < size; at++)
        Py_XDECREF((PyObject *)each[at].counts);
    free(each);
}

/* How often a list's term, or any of a unit's, stands in documents (NULL: all live ones). */
static Counts *lists_counts(Units *self, const Required *one, const Counts *within)
{
    Counts *small[8], **each = small, *found = NULL;
    Py_ssize_t number = one->unit ? one->unit->body.size : 1, size = 0;
    if (number > (Py_ssize_t)(sizeof small / sizeof *small)) {
        each = calloc((size_t)number, sizeof *each);
        if (!each)
            return (Counts *)PyErr_NoMemory();
    }
    for (; size < number; size++) {
        const Element *list = one->unit ? &one->unit->body.chains[size].elements[0] : one->list;
        each[size] = within ? term_counts_in(self->segment, list->lists, list->place, within, NULL)
                            : term_counts(self->segment, list->lists, list->place, 0);
        if (!each[size])
            goto done;
    }
    found = size == 1 ? each[0] : counts_added(self->segment, each, size, 1);
    if (size == 1)
        size = 0; /* it is what was found */
done:
    while (size > 0)
        Py_DECREF((PyObject *)each[--size]);
    if (each != small)
        free(each);
    return found;
}

/* The documents that have each of one or more things; these are sorted by how many may have it. */
static Counts *required_docs(Units *self, Required *each, Py_ssize_t size)
{
    Counts *docs = NULL;
    qsort(each, (size_t)size, sizeof *each, by_size);
    for (Py_ssize_t at = 0; at < size; at++) {
        Required *one = &each[at];
        Counts *kept;
        if (time_spend(self, BLOCK + one->size / LEAP) < 0) {
            Py_XDECREF((PyObject *)docs);
            return NULL;
        }
        if (one->list) {
            kept = lists_counts(self, one, docs);
            one->counts = kept;
            Py_XINCREF((PyObject *)kept);
        } else {
            kept = docs ? counts_in(self->segment, docs, one->counts, 1) : one->counts;
            if (!docs)
                Py_INCREF((PyObject *)kept);
        }
        Py_XDECREF((PyObject *)docs);
        docs = kept;
        if (!docs)
            return NULL;
    }
    return docs;
}

/* Read a chain of several elements, of which those that are several terms are counted. */
static int chain_open(const Chain *chain, Counts *const *counted, Sequence *sequence)
{
    if (sequence_begin(sequence, chain->size) < 0)
        return -1;
    for (Py_ssize_t at = 0; at < chain->size; at++) {
        const Element *element = &chain->elements[at];
        Part part;
        if (counted[at]) {
            part = part_of_counts(0, counted[at]);
        } else {
            memset(&part, 0, sizeof part);
            if (cursor_begin(&part.cursor, element->lists, element->place) < 0)
                return -1;
            part.positions = part.cursor.list.positions;
            part.position_width = part.cursor.list.position_width;
        }
        part.offset = element->offset;
        if (sequence_put(sequence, part) < 0)
            return -1;
    }
    return 0;
}

/* Whether documents are so few that a chain is looked for in each of them, whatever is in it. */
static int are_few(const Counts *docs, const Required *each, Py_ssize_t size)
{
    for (Py_ssize_t at = 0; at < size; at++)
        if (each[at].size <= docs->size * LEAP)
            return 0;
    return 1;
}

/* How often a chain of several elements stands in documents (NULL: all live ones). */
static Counts *chain_counts(Units *self, const Chain *chain, long long slop, Counts *within)
{
    Sequence sequence;
    Counts **counted = calloc((size_t)chain->size + 1, sizeof *counted);
    Counts *docs = NULL, *found = NULL;
    Required *each = calloc((size_t)chain->size + 1, sizeof *each);
    Py_ssize_t size = 0;
    memset(&sequence, 0, sizeof sequence);
    if (!counted || !each) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t at = 0; at < chain->size; at++) {
        const Element *element = &chain->elements[at];
        if (element->places) {
            counted[at] = terms_positions(self->segment, element->lists, element->places);
            if (!counted[at])
                goto done;
            counts_require(&each[size++], counted[at]);
        } else if (list_require(&each[size++], element) < 0) {
            goto done;
        }
    }
    if (within && are_few(within, each, size)) {
        docs = within;
        Py_INCREF((PyObject *)docs);
    } else {
        if (within)
            counts_require(&each[size++], within);
        docs = required_docs(self, each, size);
    }
    if (docs && chain_open(chain, counted, &sequence) == 0)
        found = sequence_counts(&sequence, docs, slop, self->check);
done:
    Py_XDECREF((PyObject *)docs);
    required_free(each, size);
    sequence_free(&sequence);
    for (Py_ssize_t at = 0; counted && at < chain->size; at++)
        Py_XDECREF((PyObject *)counted[at]);
    free(counted);
    return found;
}

/* How often any of the terms of an element stands in documents (NULL: all live ones). */
static Counts *element_counts(Units *self, const Element *element, const Counts *within,
                              const uint64_t *bits)
{
    Counts *all, *found;
    if (!element->places && within)
        return term_counts_in(self->segment, element->lists, element->place, within, bits);
    all = element->places ? terms_counts(self->segment, element->lists, element->places)
                          : term_counts(self->segment, element->lists, element->place, 0);
    if (!all || !within || within->size * MUCH_LONGER >= all->size)
        return all;
    found = counts_in(self->segment, all, within, 1);
    Py_DECREF((PyObject *)all);
    return found;
}

/* How often any of some chains stands in documents, which may be marked. NULL: in all live ones,
   else some others may be counted as well. */
static Counts *chains_counts(Units *self, const Chains *chains, long long slop, Counts *within,
                             const uint64_t *bits)
{
    Counts **each, *found = NULL;
    Py_ssize_t size = 0;
    each = calloc((size_t)chains->size + 1, sizeof *each);
    if (!each) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t at = 0; at < chains->size; at++) {
        const Chain *chain = &chains->chains[at];
        if (!chain->size)
            continue;
        if (time_spend(self, BLOCK) < 0)
            goto done;
        each[size] = chain->size > 1 ? chain_counts(self, chain, slop, within)
                                     : element_counts(self, &chain->elements[0], within, bits);
        if (!each[size])
            goto done;
        self->steps += each[size++]->size;
    }
    if (size > 1) {
        found = counts_added(self->segment, each, size, 1);
    } else {
        found = size ? each[0] : self->none;
        Py_INCREF((PyObject *)found);
    }
done:
    while (size > 0)
        Py_DECREF((PyObject *)each[--size]);
    free(each);
    return found;
}

/* The counts of a unit in all live documents of its own field; borrowed. */
static Counts *whole_counts(Units *self, Wanted *unit)
{
    Counts *found, *records;
    if (unit->whole)
        return unit->whole;
    self->steps = STEPS; /* the clock is looked at before each that may be found by */
    found = chains_counts(self, &unit->body, unit->slop, NULL, NULL);
    if (found && unit->kind == IN_ARTICLES) {
        records = found;
        found = counts_of_children(self->segment, records);
        Py_DECREF((PyObject *)records);
    }
    if (!found && unit_is_cut(self, unit))
        found = nothing(self);
    return unit->whole = found;
}

/* The documents that scores are made of, and those of their articles. */
typedef struct {
    Counts *docs, *passages; /* passages are NULL: all of the segment */
    Counts *records;         /* NULL: they were not yet asked for, or all */
} Within;

static int within_of(Segment *self, Counts *docs, Within *within)
{
    memset(within, 0, sizeof *within);
    within->docs = docs;
    if (docs->size * MUCH_LONGER >= self->size)
        return 0;
    if (self->are_single) {
        within->passages = docs;
        Py_INCREF((PyObject *)docs);
        return 0;
    }
    within->records = counts_of_articles(self, docs, 0);
    within->passages = within->records ? counts_of_children(self, within->records) : NULL;
    return within->passages ? 0 : -1;
}

static void within_free(Within *within)
{
    Py_XDECREF((PyObject *)within->passages);
    Py_XDECREF((PyObject *)within->records);
}

/* How often a unit stands in the titles of articles. */
static Counts *titles_counts(Units *self, const Wanted *unit, Within *within)
{
    if (!unit->titles.size)
        return nothing(self);
    if (within->passages && !within->records) {
        within->records = counts_of_articles(self->segment, within->docs, 0);
        if (!within->records)
            return NULL;
    }
    return chains_counts(self, &unit->titles, unit->slop, within->records, NULL);
}

/* Count a unit where scores are made of it; -1 when something was raised. */
static int scored_find(Units *self, Wanted *unit, Within *within)
{
    int is_context = unit->kind == IN_CONTEXT;
    int is_within = within->passages && (unit->headings.size || unit->titles.size);
    if (unit->own && (!unit->within || unit->within == within->docs))
        return 0;
    scored_forget(unit);
    if (unit->whole || !within->passages || unit->kind == IN_ARTICLES ||
        !are_terms(&unit->body)) {
        unit->own = whole_counts(self, unit);
        Py_XINCREF((PyObject *)unit->own);
    } else {
        unit->own = chains_counts(self, &unit->body, unit->slop, within->passages, NULL);
        is_within = 1;
    }
    if (!unit->own)
        return -1;
    unit->in_headings = is_context ? chains_counts(self, &unit->headings, unit->slop,
                                                   within->passages, NULL)
                                   : nothing(self);
    if (!unit->in_headings)
        return -1;
    unit->in_titles = is_context ? titles_counts(self, unit, within) : nothing(self);
    if (!unit->in_titles)
        return -1;
    if (is_within) {
        Py_INCREF((PyObject *)within->docs);
        unit->within = within->docs;
    }
    if (is_context && self->segment->are_single && !unit->in_titles->size &&
        !unit->in_headings->size)
        return 0; /* articles are the body */
    unit->articles = is_context ? article_counts(self->segment, unit->own, unit->in_titles)
                                : nothing(self);
    return unit->articles ? 0 : -1;
}

/* The same in time: nothing, of which note is taken, if that is over. */
static int scored_in_time(Units *self, Wanted *unit, Within *within)
{
    if (scored_find(self, unit, within) == 0)
        return 0;
    scored_forget(unit);
    if (!unit_is_cut(self, unit))
        return -1;
    unit->own = nothing(self);
    unit->in_headings = nothing(self);
    unit->in_titles = nothing(self);
    unit->articles = nothing(self);
    return 0;
}

#endif
