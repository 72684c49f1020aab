/* Which passages hold the units of a query, and how many do. */

#ifndef PASSAGES_MATCHING_H
#define PASSAGES_MATCHING_H

#include "units.h"

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

#endif
