/* The scores that units give to passages, and what those are made of. */

#ifndef PASSAGES_RANKING_H
#define PASSAGES_RANKING_H

#include "matching.h"

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

#endif
