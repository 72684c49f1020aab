/* Texts walked along the automaton of a language detector; the twin of ``detecting``, in C. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../numbers.h"

/* next: by row and byte, the state that follows; rows: by state, where its row begins; features: by
   state, its feature, above the most if it has none. */
typedef struct {
    Numbers next, rows, features;
    uint64_t most;
    uint32_t *counts; /* by feature, how often the text came by it */
    uint32_t *seen;   /* the features it came by */
} Walk;

static int
compared(const void *one, const void *other)
{
    uint32_t left = *(const uint32_t *)one, right = *(const uint32_t *)other;
    return left < right ? -1 : left > right;
}

/* Walk a text; how many features it came by, -1 if the tables lead nowhere. */
static Py_ssize_t
walk(Walk *tables, const unsigned char *text, Py_ssize_t size)
{
    uint64_t state = 0, row, feature;
    Py_ssize_t at, count = 0;
    for (at = 0; at < size; at++) {
        if (state >= (uint64_t)tables->rows.size)
            return -1;
        row = number_at(&tables->rows, (Py_ssize_t)state);
        if (row > (uint64_t)tables->next.size || (uint64_t)tables->next.size - row <= text[at])
            return -1;
        state = number_at(&tables->next, (Py_ssize_t)(row + text[at]));
        if (state >= (uint64_t)tables->features.size)
            return -1;
        feature = number_at(&tables->features, (Py_ssize_t)state);
        if (feature < tables->most && tables->counts[feature]++ == 0)
            tables->seen[count++] = (uint32_t)feature;
    }
    qsort(tables->seen, (size_t)count, sizeof *tables->seen, compared);
    return count;
}

typedef struct {
    uint32_t *numbers;
    size_t count, room;
} Rows;

/* Append what a text came by: its place, the feature, how often. */
static int
append(Rows *rows, Walk *tables, Py_ssize_t text, Py_ssize_t count)
{
    size_t wanted = rows->count + 3 * (size_t)count;
    Py_ssize_t at;
    if (wanted > rows->room) {
        size_t room = wanted > 2 * rows->room ? wanted : 2 * rows->room;
        uint32_t *more = realloc(rows->numbers, room * sizeof *more);
        if (!more)
            return 0;
        rows->numbers = more;
        rows->room = room;
    }
    for (at = 0; at < count; at++) {
        uint32_t feature = tables->seen[at];
        rows->numbers[rows->count++] = (uint32_t)text;
        rows->numbers[rows->count++] = feature;
        rows->numbers[rows->count++] = tables->counts[feature];
        tables->counts[feature] = 0;
    }
    return 1;
}

static PyObject *
visits(PyObject *module, PyObject *args)
{
    Walk tables = {0};
    Rows rows = {0};
    PyObject *texts, *objects[3], *answer = NULL;
    Py_ssize_t most, place, count;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOOn", &texts, objects, objects + 1, objects + 2, &most))
        return NULL;
    texts = PySequence_Tuple(texts);
    if (!texts)
        return NULL;
    count = PyTuple_Size(texts);
    if (numbers_take(&tables.next, objects[0]) == 0 && numbers_take(&tables.rows, objects[1]) == 0
        && numbers_take(&tables.features, objects[2]) == 0) {
        if (most < 0 || most > INT32_MAX || count > INT32_MAX) {
            PyErr_SetString(PyExc_ValueError, "there are too many features");
        } else {
            tables.most = (uint64_t)most;
            tables.counts = calloc((size_t)most + 1, sizeof *tables.counts);
            tables.seen = calloc((size_t)most + 1, sizeof *tables.seen);
            if (!tables.counts || !tables.seen)
                PyErr_NoMemory();
        }
    }
    for (place = 0; !PyErr_Occurred() && place < count; place++) {
        char *text;
        Py_ssize_t size, found;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(texts, place), &text, &size) < 0)
            break;
        Py_BEGIN_ALLOW_THREADS
        found = walk(&tables, (const unsigned char *)text, size);
        Py_END_ALLOW_THREADS
        if (found < 0)
            PyErr_SetString(PyExc_ValueError, "the tables lead nowhere");
        else if (!append(&rows, &tables, place, found))
            PyErr_NoMemory();
    }
    if (!PyErr_Occurred())
        answer = PyBytes_FromStringAndSize((char *)rows.numbers, (Py_ssize_t)rows.count * 4);
    free(tables.counts);
    free(tables.seen);
    free(rows.numbers);
    numbers_release(&tables.next);
    numbers_release(&tables.rows);
    numbers_release(&tables.features);
    Py_DECREF(texts);
    return answer;
}

static PyMethodDef methods[] = {
    {"visits", visits, METH_VARARGS, "How often texts come by the features of a detector."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "indexer.text.walking", "A language detector's automaton.", 0, methods,
    slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit_walking(void)
{
    return PyModuleDef_Init(&definition);
}
