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

static int unit_is_cut(Units *self, Wanted *unit);
static int time_spend(Units *self, Py_ssize_t steps);

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

/* Where */

/* The one list that a unit of passages is, if it is one; NULL else. */
static const Element *only_list(const Wanted *unit)
{
    return are_lists(unit) && unit->body.size == 1 ? &unit->body.chains[0].elements[0] : NULL;
}

/* Keep how often a unit's terms stand in all that is found, if scores can be made of that. */
static int required_note(Units *self, const Required *one, Counts *found)
{
    Wanted *unit = one->unit;
    if (!unit || unit->own || (unit->kind == IN_CONTEXT && !self->segment->are_single) ||
        unit->headings.size || unit->titles.size)
        return 0;
    unit->own = one->counts == found ? one->counts
                                     : counts_in(self->segment, one->counts, found, 1);
    if (!unit->own)
        return -1;
    if (one->counts == found)
        Py_INCREF((PyObject *)found);
    unit->in_headings = nothing(self);
    unit->in_titles = nothing(self);
    if (unit->kind != IN_CONTEXT)
        unit->articles = nothing(self);
    Py_INCREF((PyObject *)found);
    unit->within = found;
    return 0;
}

/* Read numbers of units, as many as there are; -1 when something was raised. */
static Py_ssize_t numbers_of(Units *self, PyObject *given, Wanted ***units)
{
    Py_ssize_t size = PySequence_Size(given);
    *units = size < 0 ? NULL : calloc((size_t)size + 1, sizeof **units);
    if (!*units) {
        if (size >= 0)
            PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        PyObject *one = PySequence_GetItem(given, at);
        Py_ssize_t number = one ? PyLong_AsSsize_t(one) : -1;
        Py_XDECREF(one);
        if (PyErr_Occurred() || !((*units)[at] = unit_at(self, number))) {
            free(*units);
            return -1;
        }
    }
    return size;
}

static PyObject *Units_docs(PyObject *object, PyObject *number)
{
    Units *self = (Units *)object;
    Py_ssize_t at = PyLong_AsSsize_t(number);
    Wanted *unit = PyErr_Occurred() ? NULL : unit_at(self, at);
    Counts *found = unit ? whole_counts(self, unit) : NULL;
    Py_XINCREF((PyObject *)found);
    return (PyObject *)found;
}

static PyObject *Units_all_of(PyObject *object, PyObject *numbers)
{
    Units *self = (Units *)object;
    Wanted **units = NULL;
    Counts *found = NULL;
    Required *each;
    Py_ssize_t size = numbers_of(self, numbers, &units), number = 0;
    if (size < 0)
        return NULL;
    each = calloc((size_t)size + 1, sizeof *each);
    if (!each || size == 0) {
        if (each)
            PyErr_SetString(PyExc_ValueError, "one unit at least is wanted");
        else
            PyErr_NoMemory();
        goto done;
    }
    for (; number < size; number++) {
        Wanted *unit = units[number];
        int is_listed = are_lists(unit);
        Counts *counts = is_listed ? NULL : whole_counts(self, unit);
        if (is_listed ? unit_require(&each[number], unit) < 0 : !counts)
            goto done;
        if (counts)
            counts_require(&each[number], counts);
    }
    found = required_docs(self, each, size);
    if (!found && PyErr_ExceptionMatches(self->timeout)) { /* any may be more than was found */
        for (Py_ssize_t at = 0; at < size; at++)
            units[at]->is_cut = 1;
        PyErr_Clear();
        self->steps = STEPS;
        found = nothing(self);
        goto done;
    }
    for (Py_ssize_t at = 0; found && at < size; at++)
        if (required_note(self, &each[at], found) < 0)
            Py_CLEAR(found);
done:
    required_free(each, number);
    free(units);
    return (PyObject *)found;
}

static PyObject *Units_any_of(PyObject *object, PyObject *numbers)
{
    Units *self = (Units *)object;
    Wanted **units = NULL;
    Counts **each, *found = NULL;
    Py_ssize_t size = numbers_of(self, numbers, &units), some = 0;
    if (size < 0)
        return NULL;
    each = calloc((size_t)size + 1, sizeof *each);
    if (!each)
        PyErr_NoMemory();
    for (Py_ssize_t at = 0; each && at < size; at++) {
        each[some] = whole_counts(self, units[at]);
        if (!each[some])
            goto done;
        some += each[some]->size > 0;
    }
    if (each && some < 2) {
        found = some ? each[0] : self->none;
        Py_INCREF((PyObject *)found);
    } else if (each) {
        found = counts_added(self->segment, each, some, 0);
    }
done:
    free(each);
    free(units);
    return (PyObject *)found;
}

static PyObject *Units_titled(PyObject *object, PyObject *number)
{
    Units *self = (Units *)object;
    Py_ssize_t at = PyLong_AsSsize_t(number);
    Wanted *unit = PyErr_Occurred() ? NULL : unit_at(self, at);
    Counts *found;
    if (!unit)
        return NULL;
    if (unit->kind == COUNTED) {
        found = unit->in_titles;
        Py_INCREF((PyObject *)found);
        return (PyObject *)found;
    }
    found = chains_counts(self, &unit->titles, unit->slop, NULL, NULL);
    if (!found && unit_is_cut(self, unit))
        found = nothing(self);
    return (PyObject *)found;
}

/* How many */

/* How many documents the lists of some terms name; -1 when something was raised. */
static Py_ssize_t listed(const Chains *chains)
{
    Py_ssize_t number = 0;
    for (Py_ssize_t at = 0; at < chains->size; at++) {
        List list;
        const Element *element = chains->chains[at].elements;
        if (!chains->chains[at].size)
            continue;
        if (lists_get(element->lists, element->place, &list) < 0)
            return -1;
        number += list.count;
    }
    return number;
}

/* Whether no document is in two of the lists of some terms, and all of their documents are live. */
static int are_apart(const Units *self, const Wanted *unit, const Chains *chains)
{
    int is_one = 0;
    if (self->segment->live)
        return 0;
    for (Py_ssize_t at = 0; at < chains->size; at++) {
        const Chain *chain = &chains->chains[at];
        if (chain->size > 1 || (chain->size == 1 && chain->elements[0].places))
            return 0;
        if (chain->size && is_one && !unit->is_apart)
            return 0;
        is_one |= chain->size == 1;
    }
    return 1;
}

/* How many passages, and articles, decide how telling a unit is; -1 when something was raised. */
static int holding_find(Units *self, Wanted *unit, Py_ssize_t *passages, Py_ssize_t *articles)
{
    const Chains *telling = unit->has_telling ? &unit->telling : &unit->body;
    const Chains *titled = unit->has_telling ? &unit->telling_titles : &unit->titles;
    Segment *segment = self->segment;
    Counts *own, *titles = NULL, *found = NULL;
    *articles = 0;
    if (unit->kind == COUNTED) {
        *passages = unit->whole->size;
        *articles = unit->articles->size;
        return 0;
    }
    if (unit->kind != IN_ARTICLES && are_apart(self, unit, telling) &&
        (unit->kind == IN_PASSAGES || (segment->are_single && !titled->size))) {
        *passages = listed(telling);
        if (unit->kind == IN_CONTEXT)
            *articles = *passages;
        return *passages < 0 ? -1 : 0;
    }
    if (telling == &unit->body) {
        own = whole_counts(self, unit);
        Py_XINCREF((PyObject *)own);
    } else {
        own = chains_counts(self, telling, unit->slop, NULL, NULL);
        if (own && unit->kind == IN_ARTICLES) {
            found = own;
            own = counts_of_children(segment, found);
            Py_CLEAR(found);
        }
    }
    if (!own)
        return -1;
    *passages = own->size;
    if (unit->kind == IN_CONTEXT) {
        titles = chains_counts(self, titled, unit->slop, NULL, NULL);
        found = titles ? article_counts(segment, own, titles) : NULL;
        if (found)
            *articles = found->size;
    }
    Py_DECREF((PyObject *)own);
    Py_XDECREF((PyObject *)titles);
    Py_XDECREF((PyObject *)found);
    return unit->kind == IN_CONTEXT && !found ? -1 : 0;
}

static PyObject *Units_holdings(PyObject *object, PyObject *numbers)
{
    Units *self = (Units *)object;
    Wanted **units = NULL;
    Py_ssize_t size = numbers_of(self, numbers, &units);
    PyObject *found = size < 0 ? NULL : PyList_New(size);
    for (Py_ssize_t at = 0; found && at < size; at++) {
        Py_ssize_t passages = 0, articles = 0;
        PyObject *pair = NULL;
        if (holding_find(self, units[at], &passages, &articles) == 0 ||
            unit_is_cut(self, units[at]))
            pair = Py_BuildValue("(nn)", passages, articles);
        if (!pair || PyList_SetItem(found, at, pair) < 0)
            Py_CLEAR(found);
    }
    if (size >= 0)
        free(units);
    return found;
}

/* Whether any passage holds a unit in the field that it is of; -1 when something was raised. */
static int is_held(Units *self, Wanted *unit)
{
    Counts *own;
    if (unit->is_cut)
        return 1;
    if (unit->kind != COUNTED && !unit->whole && !self->segment->live && are_terms(&unit->body)) {
        for (Py_ssize_t at = 0; at < unit->body.size; at++)
            if (unit->body.chains[at].size)
                return 1;
        return 0;
    }
    own = whole_counts(self, unit);
    return own ? own->size > 0 || unit->is_cut : -1;
}

static PyObject *Units_is_held(PyObject *object, PyObject *number)
{
    Units *self = (Units *)object;
    Py_ssize_t at = PyLong_AsSsize_t(number);
    Wanted *unit = PyErr_Occurred() ? NULL : unit_at(self, at);
    int held = unit ? is_held(self, unit) : -1;
    return held < 0 ? NULL : PyBool_FromLong(held);
}

static PyObject *Units_is_cut(PyObject *object, PyObject *number)
{
    Py_ssize_t at = PyLong_AsSsize_t(number);
    Wanted *unit = PyErr_Occurred() ? NULL : unit_at((Units *)object, at);
    return unit ? PyBool_FromLong(unit->is_cut) : NULL;
}

/* Scores */

/* Read what a unit is worth, in passages and in articles; NULL when something was raised. */
static Wanted *weight_read(Units *self, PyObject *number, PyObject *weight, double *passage,
                           double *article)
{
    Py_ssize_t at = PyLong_AsSsize_t(number);
    if (PyErr_Occurred())
        return NULL;
    if (!PyTuple_Check(weight) || PyTuple_Size(weight) != 2) {
        PyErr_SetString(PyExc_TypeError, "a weight is two numbers");
        return NULL;
    }
    *passage = PyFloat_AsDouble(PyTuple_GetItem(weight, 0));
    *article = PyErr_Occurred() ? 0 : PyFloat_AsDouble(PyTuple_GetItem(weight, 1));
    return PyErr_Occurred() ? NULL : unit_at(self, at);
}

static PyObject *Units_scores(PyObject *object, PyObject *args)
{
    Units *self = (Units *)object;
    PyObject *given, *weights, *is_over, *one, *weight, *found = NULL;
    Counts *docs;
    Within within;
    Unit *ranked;
    Py_ssize_t size, number = 0, place = 0;
    if (!PyArg_ParseTuple(args, "OO!O", &given, &PyDict_Type, &weights, &is_over) ||
        !(docs = own_counts(self->segment, given)))
        return NULL;
    size = PyDict_Size(weights);
    ranked = calloc((size_t)size + 1, sizeof *ranked);
    if (!ranked)
        return PyErr_NoMemory();
    if (within_of(self->segment, docs, &within) < 0)
        goto done;
    while (number < size && PyDict_Next(weights, &place, &one, &weight)) {
        Unit *to = &ranked[number++];
        Wanted *unit = weight_read(self, one, weight, &to->passage, &to->article);
        if (!unit || scored_in_time(self, unit, &within) < 0)
            goto done;
        to->body = unit->own;
        to->headings = unit->in_headings;
        to->titles = unit->in_titles;
        to->articles = unit->articles;
        to->in_text = unit->in_text;
    }
    found = scores_of(self->segment, docs, ranked, size, is_over);
done:
    within_free(&within);
    free(ranked);
    return found;
}

/* Add what a term gives by passages' own text in what is marked, which is in reach; -1 if its list
   makes no sense. */
static int list_beside(const Units *self, Scores *scores, const Element *element, double worth,
                       const uint64_t *bits)
{
    const Counts *docs = scores->reach ? scores->reaching : scores->docs;
    Py_ssize_t place = 0;
    uint64_t doc = 0;
    List list;
    PyThreadState *thread;
    if (lists_get(element->lists, element->place, &list) < 0)
        return -1;
    thread = list.count > MANY ? PyEval_SaveThread() : NULL;
    for (Py_ssize_t at = 0; at < list.count; at++) {
        uint64_t gap = number_in(list.gaps, list.gap_width, at);
        doc += gap;
        if (doc >= (uint64_t)self->segment->size)
            break;
        if (is_marked(bits, (uint32_t)doc) && (gap || !at)) {
            place = seek(docs->docs, docs->size, place, (uint32_t)doc);
            score_add(scores, place, (uint32_t)doc, frequency_in(&list, at), worth);
        }
    }
    if (thread)
        PyEval_RestoreThread(thread);
    return doc < (uint64_t)self->segment->size
               ? 0
               : lists_damaged("names documents that are not there", element->place);
}

/* Add what one unit gives by passages' own text; -1 when something was raised. */
static int beside_add(Units *self, Scores *scores, Wanted *unit, Counts *docs, double worth,
                      const uint64_t *bits)
{
    const Element *list = only_list(unit);
    Counts *body;
    List found;
    if (list && bits) {
        if (lists_get(list->lists, list->place, &found) < 0)
            return -1;
        if (found.count < docs->size * LEAP)
            return time_spend(self, found.count) < 0
                       ? -1
                       : list_beside(self, scores, list, worth, bits);
    }
    body = unit->kind == COUNTED ? unit->own
                                 : chains_counts(self, &unit->body, unit->slop, docs, bits);
    if (!body)
        return -1;
    scores_add(scores, body, worth);
    if (unit->kind != COUNTED)
        Py_DECREF((PyObject *)body);
    return 0;
}

/* Add what units give by passages' own text, where it may decide who is among the wanted ones. */
static PyObject *Units_add_beside(PyObject *object, PyObject *args)
{
    Units *self = (Units *)object;
    PyObject *given, *weights, *wanted, *one, *weight, *done = NULL;
    Scores *scores;
    Scratch *scratch = NULL;
    Counts *docs;
    Py_ssize_t place = 0;
    double worth, of_article, gain = 0, rounded_up;
    if (!PyArg_ParseTuple(args, "OO!Od", &given, &PyDict_Type, &weights, &wanted, &rounded_up))
        return NULL;
    while (PyDict_Next(weights, &place, &one, &weight)) {
        if (!weight_read(self, one, weight, &worth, &of_article))
            return NULL;
        gain += worth;
    }
    if (Py_TYPE(given) != Scores_Type || ((Scores *)given)->segment != self->segment) {
        PyErr_SetString(PyExc_TypeError, "these are no scores of this segment");
        return NULL;
    }
    scores = (Scores *)given;
    docs = scores_in_reach(scores, wanted, gain * rounded_up);
    if (!docs)
        return NULL;
    if (docs->size * MUCH_LONGER * LEAP > self->segment->size) { /* to mark them is worth it */
        scratch = marking(self->segment);
        if (!scratch)
            goto done;
        for (Py_ssize_t at = 0; at < docs->size; at++)
            mark(scratch->bits, docs->docs[at]);
    }
    for (place = 0; PyDict_Next(weights, &place, &one, &weight);) {
        Wanted *unit = weight_read(self, one, weight, &worth, &of_article);
        if (!unit ||
            (beside_add(self, scores, unit, docs, worth, scratch ? scratch->bits : NULL) < 0 &&
             !unit_is_cut(self, unit)))
            goto done;
    }
    done = Py_None;
    Py_INCREF(done);
done:
    if (scratch) {
        for (Py_ssize_t at = 0; at < docs->size; at++)
            scratch->bits[docs->docs[at] >> 6] = 0;
        scratch_give(self->segment, scratch);
    }
    Py_DECREF((PyObject *)docs);
    return done;
}

/* What scores were made of */

/* Whether a document has a number. */
static int has(const Counts *counts, uint32_t doc)
{
    Py_ssize_t at = seek(counts->docs, counts->size, 0, doc);
    return at < counts->size && counts->docs[at] == doc;
}

/* By group of units, and document, whether that holds any of them with its headings and title. */
static PyObject *Units_held(PyObject *object, PyObject *args)
{
    Units *self = (Units *)object;
    PyObject *given, *groups, *page, *found;
    Counts *docs;
    Within within;
    Py_ssize_t size, number;
    if (!PyArg_ParseTuple(args, "OOO", &given, &page, &groups) ||
        !(docs = own_counts(self->segment, given)) || (number = PySequence_Size(page)) < 0 ||
        (size = PySequence_Size(groups)) < 0)
        return NULL;
    if (within_of(self->segment, docs, &within) < 0) {
        within_free(&within);
        return NULL;
    }
    found = PyList_New(size);
    for (Py_ssize_t group = 0; found && group < size; group++) {
        PyObject *numbers = PySequence_GetItem(groups, group), *held = NULL;
        Wanted **units = NULL;
        Py_ssize_t of_group = numbers ? numbers_of(self, numbers, &units) : -1;
        char *bytes = of_group < 0 ? NULL : calloc((size_t)number + 1, 1);
        Py_XDECREF(numbers);
        if (of_group >= 0 && !bytes)
            PyErr_NoMemory();
        for (Py_ssize_t one = 0; bytes && one < of_group; one++) {
            if (scored_in_time(self, units[one], &within) < 0)
                goto next;
            for (Py_ssize_t at = 0; at < number; at++) {
                PyObject *each = PySequence_GetItem(page, at);
                Py_ssize_t doc = each ? PyLong_AsSsize_t(each) : -1;
                Py_XDECREF(each);
                if (PyErr_Occurred())
                    goto next;
                if (doc < 0 || doc >= self->segment->size) {
                    PyErr_Format(PyExc_IndexError, "there is no document %zd", doc);
                    goto next;
                }
                bytes[at] |= (char)(has(units[one]->own, (uint32_t)doc) ||
                                    has(units[one]->in_headings, (uint32_t)doc) ||
                                    has(units[one]->in_titles,
                                        parent_of(self->segment, (uint32_t)doc)));
            }
        }
        held = bytes ? PyBytes_FromStringAndSize(bytes, number) : NULL;
    next:
        if (of_group >= 0)
            free(units);
        free(bytes);
        if (!held || PyList_SetItem(found, group, held) < 0)
            Py_CLEAR(found);
    }
    within_free(&within);
    return found;
}

/* The counts of a unit that scores are made of, in documents at least. */
static PyObject *Units_counts(PyObject *object, PyObject *args)
{
    Units *self = (Units *)object;
    PyObject *given, *found = NULL;
    Counts *docs, *articles;
    Within within;
    Wanted *unit;
    Py_ssize_t at;
    if (!PyArg_ParseTuple(args, "On", &given, &at) || !(docs = own_counts(self->segment, given)) ||
        !(unit = unit_at(self, at)))
        return NULL;
    if (within_of(self->segment, docs, &within) == 0 &&
        scored_in_time(self, unit, &within) == 0) {
        articles = unit->articles;
        if (articles)
            Py_INCREF((PyObject *)articles);
        else
            articles = counts_of_articles(self->segment, unit->own, 1);
        if (articles)
            found = Py_BuildValue("(OOONO)", (PyObject *)unit->own, (PyObject *)unit->in_headings,
                                  (PyObject *)unit->in_titles, (PyObject *)articles,
                                  unit->in_text ? Py_True : Py_False);
    }
    within_free(&within);
    return found;
}

/* In worths.h. */
static PyObject *Units_worths(PyObject *object, PyObject *args);

static PyMethodDef Units_methods[] = {
    {"docs", Units_docs, METH_O, "The passages that hold a unit in its field."},
    {"all_of", Units_all_of, METH_O, "The passages that hold each of some units."},
    {"any_of", Units_any_of, METH_O, "The passages that hold any of some units."},
    {"titled", Units_titled, METH_O, "The records of articles whose title holds a unit."},
    {"holdings", Units_holdings, METH_O, "How many passages and articles hold each of some."},
    {"worths", Units_worths, METH_VARARGS, "What units are worth."},
    {"is_held", Units_is_held, METH_O, "Whether any passage holds a unit."},
    {"is_cut", Units_is_cut, METH_O, "Whether the time was too short for a unit."},
    {"scores", Units_scores, METH_VARARGS, "The sums of what units give to documents."},
    {"add_beside", Units_add_beside, METH_VARARGS, "Add what decides about the best only."},
    {"held", Units_held, METH_VARARGS, "Which of some documents hold any of a group of units."},
    {"counts", Units_counts, METH_VARARGS, "The counts of a unit that scores are made of."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot Units_slots[] = {
    {Py_tp_new, Units_new},
    {Py_tp_dealloc, Units_dealloc},
    {Py_tp_methods, Units_methods},
    {Py_tp_doc, "Where the units of one query stand in a segment."},
    {0, NULL},
};
static PyType_Spec Units_spec = {
    "search.backends.kernels.compiled.Units", sizeof(Units), 0, Py_TPFLAGS_DEFAULT, Units_slots,
};

#endif
