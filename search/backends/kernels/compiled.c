/* The kernels in C; ``compiled.pyi`` says what there is, ``native`` uses it.
 *
 * lists.h      posting lists as they are stored
 * terms.h      the terms that these are of
 * wanted.h     words and phrases of a plan -> their lists
 * stems.h      words -> those of their stems that are there
 * counts.h     documents with numbers
 * segment.h    lengths, articles and what is live of a segment
 * sets.h       lists -> counts; unions, intersections, articles
 * chains.h     phrases and ordered neighbours
 * cursors.h    lists of which little is wanted
 * scores.h     counts -> scores
 * best.h       scores -> the best
 * units.h      the units of a query, looked up, and how often they stand where
 * matching.h   which passages hold them, and how many
 * ranking.h    scores of passages, and what these are made of
 * worths.h     what units are worth, and languages
 * units_type.h what Python has of units
 * sketches.h   who shares keys with a passage
 * texts.h      texts -> whether they are copies
 * spellings.h  a word -> terms spelt much like it
 *
 * Whatever is read of an index may make no sense: places, documents and sizes are checked where
 * they are read, once. All documents of counts are below the size of their segment.
 */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "best.h"
#include "sketches.h"
#include "spellings.h"
#include "stems.h"
#include "texts.h"
#include "units_type.h"

static Lists *lists_from(PyObject *object)
{
    if (Py_TYPE(object) != Lists_Type) {
        PyErr_SetString(PyExc_TypeError, "these are no lists");
        return NULL;
    }
    return (Lists *)object;
}

static PyObject *Segment_term(PyObject *object, PyObject *args)
{
    PyObject *given;
    Lists *lists;
    Py_ssize_t place;
    if (!PyArg_ParseTuple(args, "On", &given, &place) || !(lists = lists_from(given)))
        return NULL;
    return (PyObject *)term_counts((Segment *)object, lists, place, 1);
}

static PyObject *Segment_terms(PyObject *object, PyObject *args)
{
    PyObject *given, *places;
    Lists *lists;
    if (!PyArg_ParseTuple(args, "OO", &given, &places) || !(lists = lists_from(given)))
        return NULL;
    return (PyObject *)terms_counts((Segment *)object, lists, places);
}

static PyObject *Segment_positions(PyObject *object, PyObject *args)
{
    PyObject *given, *places;
    Lists *lists;
    if (!PyArg_ParseTuple(args, "OO", &given, &places) || !(lists = lists_from(given)))
        return NULL;
    return (PyObject *)terms_positions((Segment *)object, lists, places);
}

static PyObject *united(Segment *self, PyObject *sequence, int has_numbers)
{
    Py_ssize_t size = PySequence_Size(sequence), number = 0;
    Counts **each, *found = NULL;
    if (size < 0)
        return NULL;
    each = calloc((size_t)size + 1, sizeof *each);
    if (!each)
        return PyErr_NoMemory();
    for (; number < size; number++) {
        PyObject *one = PySequence_GetItem(sequence, number);
        each[number] = one ? own_counts(self, one) : NULL;
        if (!each[number]) {
            Py_XDECREF(one);
            break;
        }
    }
    if (number == size)
        found = counts_added(self, each, size, has_numbers);
    while (number > 0)
        Py_DECREF((PyObject *)each[--number]);
    free(each);
    return (PyObject *)found;
}

static PyObject *Segment_added(PyObject *object, PyObject *counts)
{
    return united((Segment *)object, counts, 1);
}

static PyObject *Segment_any_of(PyObject *object, PyObject *sets)
{
    return united((Segment *)object, sets, 0);
}

static PyObject *split(PyObject *object, PyObject *args, int is_in)
{
    Segment *self = (Segment *)object;
    PyObject *one, *other;
    Counts *counts, *set;
    if (!PyArg_ParseTuple(args, "OO", &one, &other) || !(counts = own_counts(self, one)) ||
        !(set = own_counts(self, other)))
        return NULL;
    return (PyObject *)counts_in(self, counts, set, is_in);
}

static PyObject *Segment_within(PyObject *object, PyObject *args)
{
    return split(object, args, 1);
}

static PyObject *Segment_without(PyObject *object, PyObject *args)
{
    return split(object, args, 0);
}

static PyObject *Segment_articles(PyObject *object, PyObject *docs)
{
    Counts *counts = own_counts((Segment *)object, docs);
    return counts ? (PyObject *)counts_of_articles((Segment *)object, counts, 0) : NULL;
}

static PyObject *Segment_children(PyObject *object, PyObject *records)
{
    Counts *counts = own_counts((Segment *)object, records);
    return counts ? (PyObject *)counts_of_children((Segment *)object, counts) : NULL;
}

static PyObject *Segment_of_articles(PyObject *object, PyObject *args)
{
    Segment *self = (Segment *)object;
    PyObject *one, *other;
    Counts *body, *titles;
    if (!PyArg_ParseTuple(args, "OO", &one, &other) || !(body = own_counts(self, one)) ||
        !(titles = own_counts(self, other)))
        return NULL;
    return (PyObject *)article_counts(self, body, titles);
}

static PyObject *Segment_passages(PyObject *object, PyObject *unused)
{
    (void)unused;
    return (PyObject *)all_passages((Segment *)object);
}

/* The next number of some, below the size of the segment; -1 at the end or when one is not. */
static Py_ssize_t next_doc(const Segment *self, PyObject *each)
{
    PyObject *one = PyIter_Next(each);
    Py_ssize_t doc = one ? PyLong_AsSsize_t(one) : -1;
    Py_XDECREF(one);
    if (one && !PyErr_Occurred() && (doc < 0 || doc >= self->size)) {
        PyErr_Format(PyExc_IndexError, "there is no document %zd", doc);
        return -1;
    }
    return doc;
}

static PyObject *Segment_gathered(PyObject *object, PyObject *docs)
{
    Segment *self = (Segment *)object;
    PyObject *each = PyObject_GetIter(docs), *found;
    Scratch *scratch;
    Py_ssize_t doc;
    if (!each)
        return NULL;
    /* It is not taken while Python runs, which may call this again. */
    uint64_t *bits = calloc(words_of(self), sizeof *bits);
    if (!bits) {
        Py_DECREF(each);
        return PyErr_NoMemory();
    }
    while ((doc = next_doc(self, each)) >= 0)
        mark(bits, (uint32_t)doc);
    Py_DECREF(each);
    scratch = PyErr_Occurred() ? NULL : summing(self);
    if (scratch)
        memcpy(scratch->bits, bits, words_of(self) * sizeof *bits);
    free(bits);
    found = scratch ? (PyObject *)summed(self, scratch, self->size, 0, 0) : NULL;
    return found;
}

static PyObject *Segment_numbered(PyObject *object, PyObject *pairs)
{
    Segment *self = (Segment *)object;
    Py_ssize_t size = PySequence_Size(pairs), before = -1;
    Counts *found = size < 0 ? NULL : counts_new(size, 1);
    for (Py_ssize_t at = 0; found && at < size; at++) {
        PyObject *pair = PySequence_GetItem(pairs, at);
        Py_ssize_t doc = -1;
        int is_read = pair && PyArg_ParseTuple(pair, "nd", &doc, &found->numbers[at]);
        Py_XDECREF(pair);
        if (is_read && (doc <= before || doc >= self->size)) {
            PyErr_Format(PyExc_IndexError, "document %zd is not there, or out of order", doc);
            is_read = 0;
        }
        if (!is_read)
            Py_CLEAR(found);
        else
            found->docs[at] = (uint32_t)(before = doc);
    }
    return (PyObject *)found;
}

static PyObject *Segment_chained(PyObject *object, PyObject *args)
{
    Segment *self = (Segment *)object;
    PyObject *parts, *given, *check, *found = NULL;
    Counts *within = NULL;
    long long slop;
    Sequence sequence;
    if (!PyArg_ParseTuple(args, "OOLO", &parts, &given, &slop, &check) ||
        (given != Py_None && !(within = own_counts(self, given))))
        return NULL;
    if (sequence_read(&sequence, parts) == 0)
        found = (PyObject *)sequence_counts(&sequence, within, slop, check);
    sequence_free(&sequence);
    return found;
}

static PyObject *Segment_standing(PyObject *object, PyObject *args)
{
    PyObject *parts, *given, *found = NULL;
    Counts *docs;
    Py_ssize_t begin, end;
    Sequence sequence;
    if (!PyArg_ParseTuple(args, "OOnn", &parts, &given, &begin, &end) ||
        !(docs = own_counts((Segment *)object, given)))
        return NULL;
    if (begin < 0) {
        PyErr_SetString(PyExc_ValueError, "documents begin at 0");
        return NULL;
    }
    if (sequence_read(&sequence, parts) == 0)
        found = sequence_standing(&sequence, docs, begin, end);
    sequence_free(&sequence);
    return found;
}

static PyObject *Segment_by_article(PyObject *object, PyObject *docs)
{
    Segment *self = (Segment *)object;
    Counts *counts = own_counts(self, docs);
    PyObject *found = counts ? PyDict_New() : NULL;
    for (Py_ssize_t at = 0; found && at < counts->size;) {
        uint32_t record = parent_of(self, counts->docs[at]);
        Py_ssize_t first = at;
        PyObject *key, *number;
        while (at < counts->size && parent_of(self, counts->docs[at]) == record)
            at++;
        key = PyLong_FromUnsignedLong(record);
        number = PyLong_FromSsize_t(at - first);
        if (!key || !number || PyDict_SetItem(found, key, number) < 0)
            Py_CLEAR(found);
        Py_XDECREF(key);
        Py_XDECREF(number);
    }
    return found;
}

/* Terms with the passages of their articles; the lowest of a heap is what comes last. */
typedef struct {
    uint64_t passages;
    Py_ssize_t place;
} Tally;

static int tally_below(const Tally *one, const Tally *other)
{
    return one->passages != other->passages ? one->passages < other->passages
                                            : one->place > other->place;
}

static int by_tally(const void *one, const void *other)
{
    const Tally *a = one, *b = other;
    return tally_below(b, a) - tally_below(a, b);
}

static void tally_put(Tally *heap, size_t *number, size_t most, Tally tally)
{
    if (*number < most) {
        heap[(*number)++] = tally;
        if (*number == most)
            qsort(heap, most, sizeof *heap, by_tally);
    } else if (most && tally_below(&heap[0], &tally)) {
        size_t at = 0, child;
        while ((child = 2 * at + 1) < most) {
            if (child + 1 < most && tally_below(&heap[child + 1], &heap[child]))
                child++;
            if (!tally_below(&heap[child], &tally))
                break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = tally;
    }
}

/* Count, for each term, the paragraphs of records that are in the sums. */
static int tally_all(Segment *self, const double *sums, Lists *lists, Py_ssize_t begin,
                     Py_ssize_t end, Tally *heap, size_t *number, size_t most, Py_ssize_t *held,
                     PyObject *check)
{
    uint64_t steps = 0;
    for (Py_ssize_t place = begin; place < end; place++) {
        List list;
        uint64_t doc = 0;
        Tally tally = {0, place};
        if (lists_get(lists, place, &list) < 0)
            return -1;
        for (Py_ssize_t at = 0; at < list.count; at++) {
            doc += number_in(list.gaps, list.gap_width, at);
            if (list_check(self->size, &list, doc, place) < 0)
                return -1;
            tally.passages += (uint64_t)sums[doc];
        }
        if (tally.passages) {
            ++*held;
            tally_put(heap, number, most, tally);
        }
        steps += 8 + (uint64_t)list.count;
        if (steps > STEPS) {
            PyObject *done = PyObject_CallFunctionObjArgs(check, NULL);
            steps = 0;
            Py_XDECREF(done);
            if (!done)
                return -1;
        }
    }
    return 0;
}

static PyObject *Segment_tallied(PyObject *object, PyObject *args)
{
    Segment *self = (Segment *)object;
    PyObject *given[2], *check, *found = NULL;
    Counts *docs;
    Lists *lists;
    Py_ssize_t begin, end, most, held = 0;
    size_t number = 0;
    Tally *heap = NULL;
    double *sums = NULL;
    if (!PyArg_ParseTuple(args, "OOnnnO", &given[0], &given[1], &begin, &end, &most, &check) ||
        !(docs = own_counts(self, given[0])) || !(lists = lists_from(given[1])))
        return NULL;
    if (begin < 0 || begin > end || end > lists_size(lists)) {
        PyErr_SetString(PyExc_IndexError, "there are not so many terms");
        return NULL;
    }
    most = most < 0 ? 0 : most > end - begin ? end - begin : most;
    heap = calloc((size_t)most + 1, sizeof *heap);
    sums = calloc((size_t)self->size + 1, sizeof *sums); /* as Python may be called */
    if (!heap || !sums) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t at = 0; at < docs->size; at++)
        sums[parent_of(self, docs->docs[at])] += 1;
    if (tally_all(self, sums, lists, begin, end, heap, &number, (size_t)most, &held, check) < 0)
        goto done;
    qsort(heap, number, sizeof *heap, by_tally);
    found = PyList_New((Py_ssize_t)number);
    for (size_t at = 0; found && at < number; at++) {
        PyObject *pair = Py_BuildValue("(nK)", heap[at].place,
                                       (unsigned long long)heap[at].passages);
        if (!pair || PyList_SetItem(found, (Py_ssize_t)(number - 1 - at), pair) < 0)
            Py_CLEAR(found);
    }
    if (found)
        found = Py_BuildValue("(Nn)", found, held);
done:
    free(heap);
    free(sums);
    return found;
}

static int unit_read(const Segment *self, PyObject *given, Unit *unit)
{
    PyObject *counts[4];
    if (!PyArg_ParseTuple(given, "(OOOOp)(dd)", &counts[0], &counts[1], &counts[2], &counts[3],
                          &unit->in_text, &unit->passage, &unit->article))
        return -1;
    return (unit->body = own_counts(self, counts[0])) &&
                   (unit->headings = own_counts(self, counts[1])) &&
                   (unit->titles = own_counts(self, counts[2])) &&
                   (unit->articles = own_counts(self, counts[3]))
               ? 0
               : -1;
}

static PyObject *Segment_scores(PyObject *object, PyObject *args)
{
    Segment *self = (Segment *)object;
    PyObject *given, *each, *is_over, *found = NULL;
    Counts *docs;
    Py_ssize_t size, number = 0;
    Unit *units;
    if (!PyArg_ParseTuple(args, "OOO", &given, &each, &is_over) ||
        !(docs = own_counts(self, given)) || (size = PySequence_Size(each)) < 0)
        return NULL;
    units = calloc((size_t)size + 1, sizeof *units);
    if (!units)
        return PyErr_NoMemory();
    for (; number < size; number++) {
        PyObject *one = PySequence_GetItem(each, number);
        int is_read = one && unit_read(self, one, &units[number]) == 0;
        Py_XDECREF(one); /* the units hold it */
        if (!is_read)
            break;
    }
    if (number == size)
        found = scores_of(self, docs, units, size, is_over);
    free(units);
    return found;
}

static PyObject *Segment_are_single(PyObject *object, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((Segment *)object)->are_single);
}

static Py_ssize_t Segment_length(PyObject *object)
{
    return ((Segment *)object)->size;
}

static PyMethodDef Segment_methods[] = {
    {"term", Segment_term, METH_VARARGS, "How often one term occurs, and where."},
    {"terms", Segment_terms, METH_VARARGS, "How often any of some terms occurs."},
    {"positions", Segment_positions, METH_VARARGS, "The same, and where."},
    {"added", Segment_added, METH_O, "The sums of counts."},
    {"any_of", Segment_any_of, METH_O, "What is in any set."},
    {"within", Segment_within, METH_VARARGS, "What of some counts is in a set."},
    {"without", Segment_without, METH_VARARGS, "What of some counts is not in a set."},
    {"articles", Segment_articles, METH_O, "The records of paragraphs."},
    {"children", Segment_children, METH_O, "The paragraphs of records, with their numbers."},
    {"of_articles", Segment_of_articles, METH_VARARGS, "The counts of whole articles."},
    {"passages", Segment_passages, METH_NOARGS, "All live paragraphs."},
    {"gathered", Segment_gathered, METH_O, "The set of the live ones of some documents."},
    {"numbered", Segment_numbered, METH_O, "Counts from pairs in order."},
    {"chained", Segment_chained, METH_VARARGS, "How often parts stand in their order."},
    {"standing", Segment_standing, METH_VARARGS, "Where the parts of a sequence stand."},
    {"by_article", Segment_by_article, METH_O, "How many of some paragraphs each record has."},
    {"tallied", Segment_tallied, METH_VARARGS, "Paragraphs by the terms of their records."},
    {"scores", Segment_scores, METH_VARARGS, "The sums of what units give to documents."},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef Segment_members[] = {
    {"are_single", Segment_are_single, NULL, "Whether each article is one paragraph.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PyType_Slot Segment_slots[] = {
    {Py_tp_new, Segment_new},
    {Py_tp_dealloc, Segment_dealloc},
    {Py_tp_methods, Segment_methods},
    {Py_tp_getset, Segment_members},
    {Py_sq_length, Segment_length},
    {Py_tp_doc, "The documents of a segment, and all that is counted in them."},
    {0, NULL},
};
static PyType_Spec Segment_spec = {
    "search.backends.kernels.compiled.Segment", sizeof(Segment), 0, Py_TPFLAGS_DEFAULT,
    Segment_slots,
};

static PyObject *term_places(PyObject *unused, PyObject *args)
{
    PyObject *given, *found;
    Lists *lists;
    Py_ssize_t size;
    uint32_t *places;
    (void)unused;
    if (!PyArg_ParseTuple(args, "On", &given, &size) || !(lists = lists_from(given)))
        return NULL;
    if (size < 0 || (uint64_t)size >= UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "there are not so many documents");
        return NULL;
    }
    places = places_by_doc(lists, size);
    if (!places)
        return NULL;
    found = PyBytes_FromStringAndSize((const char *)places, size * (Py_ssize_t)sizeof *places);
    free(places);
    return found;
}

static PyMethodDef functions[] = {
    {"term_places", term_places, METH_VARARGS, "By document, the place of its term."},
    {"language_factors", language_factors, METH_VARARGS, "What scores of languages are scaled by."},
    {"sharing_any", sharing_any, METH_VARARGS, "Those that something may share a key with."},
    {"sharing", sharing, METH_VARARGS, "What may be copies of a passage by its keys."},
    {"are_copies", are_copies, METH_VARARGS, "Whether texts are copies of one."},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "compiled", "The kernels in C.", -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_compiled(void)
{
    static const struct {
        PyType_Spec *spec;
        PyTypeObject **type;
    } types[] = {
        {&Lists_spec, &Lists_Type},
        {&Lexicon_spec, &Lexicon_Type},
        {&Stems_spec, &Stems_Type},
        {&Fields_spec, &Fields_Type},
        {&Counts_spec, &Counts_Type},
        {&Scores_spec, &Scores_Type},
        {&Segment_spec, &Segment_Type},
        {&Units_spec, &Units_Type},
        {&Sketches_spec, &Sketches_Type},
        {&Spellings_spec, &Spellings_Type},
    };
    PyObject *made = PyModule_Create(&module);
    if (made && checksums_make() < 0)
        Py_CLEAR(made);
    for (size_t at = 0; made && at < sizeof types / sizeof *types; at++) {
        PyObject *type = PyType_FromSpec(types[at].spec);
        *types[at].type = (PyTypeObject *)type;
        if (!type || PyModule_AddType(made, *types[at].type) < 0)
            Py_CLEAR(made);
    }
    return made;
}
