/* The best of scores, in their order where that is known. */

#ifndef PASSAGES_BEST_H
#define PASSAGES_BEST_H

#include <math.h>

#include "scores.h"

/* To learn where the ids of a segment stand takes as long as to read one of so many documents. */
enum { LEARNT_A_READ = 512 };

/* A document that is wanted. */
typedef struct {
    double score;
    uint64_t key; /* by article and number, or by number alone where ids are not known */
    uint32_t doc;
} Best;

static uint64_t key_of(const Segment *segment, uint32_t doc)
{
    if (!segment->id_places)
        return doc;
    return (uint64_t)segment->id_places[parent_of(segment, doc)] << 32 | doc;
}

/* Take so many of the first by score; equals at the edge are by article and number. How many there
   are, or -1. */
static Py_ssize_t best_take(const Scores *self, Py_ssize_t wanted, Best **taken)
{
    Py_ssize_t size = reaching(self), number = 0, equal = 0;
    double least = -HUGE_VAL;
    uint64_t last = UINT64_MAX;
    *taken = NULL;
    wanted = wanted < 0 ? 0 : wanted > size ? size : wanted;
    if (wanted > 0 && wanted < size && least_of_best(self, wanted, &least) < 0)
        return -1;
    *taken = malloc((size_t)(2 * wanted + 1) * sizeof **taken);
    if (!*taken) {
        PyErr_NoMemory();
        return -1;
    }
    /* Those above are fewer than are wanted, and behind them go as many equals. */
    for (Py_ssize_t at = 0; wanted && at < size; at++) {
        Py_ssize_t place = place_of(self, at);
        double score = self->scores[place];
        if (!(score >= least))
            continue;
        if (wanted == size || score > least)
            (*taken)[number++] = (Best){score, 0, self->docs->docs[place]};
        else if (equal++ < wanted)
            (*taken)[wanted + equal - 1] = (Best){score, 0, self->docs->docs[place]};
    }
    if (equal <= wanted - number) {
        memmove(*taken + number, *taken + wanted, (size_t)equal * sizeof **taken);
        return number + equal;
    }
    if (last_of_equals(self, least, wanted - number, &last) < 0)
        return -1;
    for (Py_ssize_t at = 0; number < wanted && at < size; at++) {
        Py_ssize_t place = place_of(self, at);
        uint32_t doc = self->docs->docs[place];
        if (self->scores[place] == least && key_of(self->segment, doc) <= last)
            (*taken)[number++] = (Best){least, 0, doc};
    }
    return number;
}

static PyObject *best_listed(const Best *taken, Py_ssize_t number)
{
    PyObject *found = PyList_New(number);
    for (Py_ssize_t at = 0; found && at < number; at++) {
        PyObject *pair = Py_BuildValue("(kd)", (unsigned long)taken[at].doc, taken[at].score);
        if (!pair || PyList_SetItem(found, at, pair) < 0)
            Py_CLEAR(found);
    }
    return found;
}

static PyObject *Scores_best(PyObject *object, PyObject *args)
{
    PyObject *found;
    Best *taken;
    Py_ssize_t wanted, number;
    if (!PyArg_ParseTuple(args, "n", &wanted))
        return NULL;
    number = best_take((Scores *)object, wanted, &taken);
    found = number < 0 ? NULL : best_listed(taken, number);
    free(taken);
    return found;
}

static int in_order(const void *one, const void *other)
{
    const Best *a = one, *b = other;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static void best_sort(const Segment *segment, Best *taken, Py_ssize_t number)
{
    for (Py_ssize_t at = 0; at < number; at++)
        taken[at].key = key_of(segment, taken[at].doc);
    qsort(taken, (size_t)number, sizeof *taken, in_order);
}

/* How many follow one of the same score and of another article. */
static Py_ssize_t ties_in(const Segment *segment, const Best *taken, Py_ssize_t number)
{
    Py_ssize_t ties = 0;
    for (Py_ssize_t at = 1; at < number; at++)
        ties += taken[at].score == taken[at - 1].score &&
                parent_of(segment, taken[at].doc) != parent_of(segment, taken[at - 1].doc);
    return ties;
}

static PyObject *Scores_ordered(PyObject *object, PyObject *args)
{
    Scores *self = (Scores *)object;
    Segment *segment = self->segment;
    PyObject *found = NULL;
    Best *taken;
    Py_ssize_t wanted, number, ties;
    if (!PyArg_ParseTuple(args, "n", &wanted))
        return NULL;
    number = best_take(self, wanted, &taken);
    if (number < 0)
        goto done;
    best_sort(segment, taken, number);
    ties = segment->id_places ? 0 : ties_in(segment, taken, number);
    segment->ties += ties;
    if (ties && segment->ties > segment->size / LEARNT_A_READ) {
        if (id_places_learn(segment) < 0)
            goto done;
        best_sort(segment, taken, number);
        ties = 0;
    }
    if (ties) {
        Py_INCREF(Py_None);
        found = Py_None;
    } else {
        found = best_listed(taken, number);
    }
done:
    free(taken);
    return found;
}

#endif
