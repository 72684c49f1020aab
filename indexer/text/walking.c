/* Texts walked along the automaton of a language detector; the twin of ``detecting``, in C. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Py_buffer view;
    const unsigned char *raw;
    Py_ssize_t width, count;
} Numbers;

static int
take_numbers(PyObject *from, Numbers *to)
{
    if (PyObject_GetBuffer(from, &to->view, PyBUF_ND) < 0)
        return 0;
    to->width = to->view.itemsize;
    to->raw = to->view.buf;
    to->count = to->width ? to->view.len / to->width : 0;
    if (to->view.ndim == 1 && (to->width == 2 || to->width == 4 || to->width == 8))
        return 1;
    PyBuffer_Release(&to->view);
    to->view.obj = NULL;
    PyErr_SetString(PyExc_ValueError, "rows of numbers are wanted");
    return 0;
}

static uint64_t
number_at(const Numbers *numbers, uint64_t place)
{
    const unsigned char *at = numbers->raw + (size_t)place * (size_t)numbers->width;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (numbers->width) {
    case 2:
        memcpy(&two, at, 2);
        return two;
    case 4:
        memcpy(&four, at, 4);
        return four;
    default:
        memcpy(&eight, at, 8);
        return eight;
    }
}

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
        if (state >= (uint64_t)tables->rows.count)
            return -1;
        row = number_at(&tables->rows, state);
        if (row > (uint64_t)tables->next.count || (uint64_t)tables->next.count - row <= text[at])
            return -1;
        state = number_at(&tables->next, row + text[at]);
        if (state >= (uint64_t)tables->features.count)
            return -1;
        feature = number_at(&tables->features, state);
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
    if (take_numbers(objects[0], &tables.next) && take_numbers(objects[1], &tables.rows)
        && take_numbers(objects[2], &tables.features)) {
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
    if (tables.next.view.obj)
        PyBuffer_Release(&tables.next.view);
    if (tables.rows.view.obj)
        PyBuffer_Release(&tables.rows.view);
    if (tables.features.view.obj)
        PyBuffer_Release(&tables.features.view);
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
