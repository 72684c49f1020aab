/* What units are worth, and languages; ``scoring`` and ``voices`` say the same in Python. */

#ifndef PASSAGES_WORTHS_H
#define PASSAGES_WORTHS_H

#include <math.h>

#include "matching.h"

/* Where a plan keeps what is read of its units, and of the elements of a sequence. */
enum {
    UNIT_ALTERNATIVES = 2,
    UNIT_OWN = 6,
    UNIT_BY_CHANCE = 8,
    ELEMENT_TEXT = 2,
    ELEMENT_LANGUAGES = 5
};

/* What worths depend on beside the units. */
typedef struct {
    double k3, share, passages, articles;
    Py_ssize_t languages;
    PyObject *holding; /* gives by language how many passages hold a word's stem */
} Weighing;

/* What one unit is worth, and what of. */
typedef struct {
    double passage, article, idf;
    int is_counted, is_beside;
    Py_ssize_t passages, articles; /* that hold it, if they are counted */
} Worth;

static double idf(double total, double holding)
{
    return log(1 + (total - holding + 0.5) / (holding + 0.5));
}

/* A member of a tuple that may not be there. */
static PyObject *member(PyObject *tuple, Py_ssize_t at)
{
    if (tuple && !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "what is read of a plan are tuples");
        return NULL;
    }
    return tuple ? PyTuple_GetItem(tuple, at) : NULL;
}

static int member_is_true(PyObject *tuple, Py_ssize_t at)
{
    PyObject *one = member(tuple, at);
    return one ? PyObject_IsTrue(one) : -1;
}

/* The sum of numbers by language, of those that are kept (NULL: all); -1 when something was raised. */
static double numbers_sum(PyObject *numbers, PyObject *kept)
{
    PyObject *language, *number;
    Py_ssize_t at = 0;
    double sum = 0;
    if (!PyDict_Check(numbers)) {
        PyErr_SetString(PyExc_TypeError, "numbers by language are a dict");
        return -1;
    }
    while (PyDict_Next(numbers, &at, &language, &number)) {
        int is_kept = kept ? PySequence_Contains(kept, language) : 1;
        double one = is_kept > 0 ? PyLong_AsDouble(number) : 0;
        if (is_kept < 0 || (one < 0 && PyErr_Occurred()))
            return -1;
        if (!(one >= 0)) {
            PyErr_SetString(PyExc_ValueError, "no fewer than none can hold a word");
            return -1;
        }
        sum += one;
    }
    return sum;
}

/* How many passages hold a unit of one sequence if its words meet by chance; -1 as above. */
static double met_by_chance(const Weighing *self, PyObject *unit)
{
    PyObject *sequence = member(member(unit, UNIT_ALTERNATIVES), 0), *kept = NULL;
    Py_ssize_t size = sequence ? PySequence_Size(sequence) : -1;
    double met = self->passages;
    /* All words of a sequence have the same languages. */
    for (Py_ssize_t at = 0, some = 0; at < size && !some; at++)
        if (!(kept = member(member(sequence, at), ELEMENT_LANGUAGES)) ||
            (some = PySequence_Size(kept)) < 0)
            return -1;
    if (kept && PySequence_Size(kept) == self->languages)
        kept = NULL;
    for (Py_ssize_t at = 0; at < size; at++) {
        PyObject *text = member(member(sequence, at), ELEMENT_TEXT);
        PyObject *numbers = text ? PyObject_CallFunctionObjArgs(self->holding, text, NULL) : NULL;
        double number = numbers ? numbers_sum(numbers, kept) : -1;
        Py_XDECREF(numbers);
        if (number < 0)
            return -1;
        met *= number / (self->passages > 0 ? self->passages : 1);
    }
    return size < 0 ? -1 : met;
}

/* What a unit counts that stands in the query once for each boost; -1 when something was raised. */
static double query_weight(const Weighing *self, PyObject *boosts)
{
    Py_ssize_t size = PySequence_Size(boosts);
    double sum = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        double boost = 0;
        PyObject *one = member(boosts, at);
        if (one)
            boost = PyFloat_AsDouble(one);
        if (PyErr_Occurred())
            return -1;
        sum += boost;
    }
    return size < 0 ? -1 : size ? sum * (self->k3 + 1) / (self->k3 + (double)size) : 0;
}

/* Learn what a unit is worth; -1 when something was raised. */
static int worth_find(Units *self, const Weighing *weighing, Py_ssize_t at, double weight,
                      PyObject *unit, PyObject *lit, Worth *worth)
{
    int is_own = member_is_true(unit, UNIT_OWN), is_lit = member_is_true(lit, at);
    int is_by_chance = member_is_true(unit, UNIT_BY_CHANCE);
    double holding;
    if (is_own < 0 || is_lit < 0 || is_by_chance < 0)
        return -1;
    worth->is_beside = is_own && !is_lit;
    worth->is_counted = !is_by_chance;
    worth->passages = worth->articles = 0;
    if (is_by_chance) {
        holding = met_by_chance(weighing, unit);
        if (holding < 0)
            return -1;
    } else {
        Wanted *wanted = unit_at(self, at);
        if (!wanted || (holding_find(self, wanted, &worth->passages, &worth->articles) < 0 &&
                        !unit_is_cut(self, wanted)))
            return -1;
        holding = (double)worth->passages;
    }
    worth->idf = idf(weighing->passages, holding);
    worth->passage = weight * worth->idf;
    worth->article = is_own ? 0
                            : weight * (weighing->share *
                                        idf(weighing->articles, (double)worth->articles));
    return 0;
}

/* A named tuple of two numbers. */
static PyObject *named_pair(PyTypeObject *type, double first, double second)
{
    newfunc make = (newfunc)PyType_GetSlot(&PyTuple_Type, Py_tp_new);
    PyObject *values = Py_BuildValue("((dd))", first, second);
    PyObject *pair = values ? make(type, values, NULL) : NULL;
    Py_XDECREF(values);
    return pair;
}

/* Put a value that is given away into a dict. */
static int item_put(PyObject *dict, PyObject *key, PyObject *value)
{
    int done = value ? PyDict_SetItem(dict, key, value) : -1;
    Py_XDECREF(value);
    return done;
}

static int worth_put(PyObject *const *to, Py_ssize_t at, const Worth *worth, PyTypeObject *type)
{
    PyObject *key = PyLong_FromSsize_t(at);
    int done = !key ||
               item_put(to[worth->is_beside], key,
                        named_pair(type, worth->passage, worth->article)) < 0 ||
               item_put(to[2], key, PyFloat_FromDouble(worth->idf)) < 0 ||
               (worth->is_counted &&
                item_put(to[3], key, Py_BuildValue("(nn)", worth->passages, worth->articles)) < 0);
    Py_XDECREF(key);
    return done ? -1 : 0;
}

static PyObject *Units_worths(PyObject *object, PyObject *args)
{
    Units *self = (Units *)object;
    Weighing weighing;
    PyObject *units, *boosts, *lit, *to[4], *found;
    PyTypeObject *type;
    int failed;
    if (!PyArg_ParseTuple(args, "O!O!O!O!(dddd)nO", &PyType_Type, &type, &PyTuple_Type, &units,
                          &PyTuple_Type, &boosts, &PyTuple_Type, &lit, &weighing.k3,
                          &weighing.share, &weighing.passages, &weighing.articles,
                          &weighing.languages, &weighing.holding))
        return NULL;
    if (!PyType_IsSubtype(type, &PyTuple_Type)) {
        PyErr_SetString(PyExc_TypeError, "a weight is a tuple");
        return NULL;
    }
    failed = !(found = Py_BuildValue("({}{}{}{})"));
    for (int at = 0; !failed && at < 4; at++)
        to[at] = PyTuple_GetItem(found, at);
    for (Py_ssize_t at = 0; !failed && at < PyTuple_Size(units); at++) {
        PyObject *of_unit = member(boosts, at);
        double weight = of_unit ? query_weight(&weighing, of_unit) : -1;
        Worth worth;
        failed = PyErr_Occurred() ||
                 (weight != 0 && (worth_find(self, &weighing, at, weight, member(units, at), lit,
                                             &worth) < 0 ||
                                  worth_put(to, at, &worth, type) < 0));
    }
    if (failed)
        Py_CLEAR(found);
    return found;
}

/* In which language a query is asked, see ``voices`` */

/* The constants there. */
typedef struct {
    double least, smoothing, foreign;
} Hearing;

/* A language, with how many passages are in it, and what words tell of it. */
typedef struct {
    PyObject *name;
    double passages, told, likelihood;
} Voice;

/* Add what a word tells: 1 if it is known, -1 when something was raised. */
static int word_hear(const Hearing *hearing, Voice *voices, Py_ssize_t size, double total,
                     PyObject *holding, PyObject *stops)
{
    double everywhere = numbers_sum(holding, NULL), smooth, least;
    int has_stops = PyObject_IsTrue(stops);
    if (everywhere < 0 || has_stops < 0)
        return -1;
    if (everywhere == 0)
        return 0;
    smooth = hearing->smoothing * everywhere / total;
    least = has_stops ? hearing->foreign * smooth : smooth;
    for (Py_ssize_t at = 0; at < size; at++) {
        PyObject *number = PyDict_GetItemWithError(holding, voices[at].name);
        int is_stop = has_stops ? PySequence_Contains(stops, voices[at].name) : 0;
        double found = number ? PyLong_AsDouble(number) : 0;
        if (is_stop < 0 || PyErr_Occurred())
            return -1;
        found += is_stop ? smooth : least;
        if (number || is_stop)
            voices[at].told += log(found / least);
    }
    return 1;
}

/* The factor of each language, given what words tell of them and how many of these are known. */
static PyObject *voices_factors(const Hearing *hearing, Voice *voices, Py_ssize_t size,
                                Py_ssize_t known)
{
    PyObject *factors = PyDict_New();
    double best = -HUGE_VAL;
    for (Py_ssize_t at = 0; at < size; at++) {
        double in_one = log(voices[at].passages + hearing->smoothing);
        voices[at].likelihood = voices[at].told - (double)known * in_one;
        best = voices[at].likelihood > best ? voices[at].likelihood : best;
    }
    for (Py_ssize_t at = 0; factors && at < size; at++) {
        double share = (1 - hearing->least) * exp(voices[at].likelihood - best);
        if (item_put(factors, voices[at].name, PyFloat_FromDouble(hearing->least + share)) < 0)
            Py_CLEAR(factors);
    }
    return factors;
}

static PyObject *language_factors(PyObject *unused, PyObject *args)
{
    PyObject *words, *passages, *number, *found = NULL;
    Hearing hearing;
    Voice *voices;
    Py_ssize_t size = 0, place = 0, known = 0, count, number_of_words;
    double total = 0;
    (void)unused;
    if (!PyArg_ParseTuple(args, "OO!(ddd)", &words, &PyDict_Type, &passages, &hearing.least,
                          &hearing.smoothing, &hearing.foreign) ||
        (number_of_words = PySequence_Size(words)) < 0)
        return NULL;
    count = PyDict_Size(passages);
    voices = calloc((size_t)count + 1, sizeof *voices);
    if (!voices)
        return PyErr_NoMemory();
    while (size < count && PyDict_Next(passages, &place, &voices[size].name, &number)) {
        voices[size].passages = PyLong_AsDouble(number);
        if (PyErr_Occurred())
            goto done;
        total += voices[size++].passages;
    }
    for (Py_ssize_t at = 0; at < number_of_words; at++) {
        PyObject *word = PySequence_GetItem(words, at);
        PyObject *holding = member(word, 0), *stops = member(word, 1);
        int is_known =
            holding && stops ? word_hear(&hearing, voices, size, total, holding, stops) : -1;
        Py_XDECREF(word);
        if (is_known < 0)
            goto done;
        known += is_known;
    }
    found = voices_factors(&hearing, voices, size, known);
done:
    free(voices);
    return found;
}

#endif
