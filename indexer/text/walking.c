/* Texts walked along the automaton of a language detector and scored; the twin of ``detecting``, in
   C.

   Sums are the same to the bit, so nothing may be multiplied and added in one step.
*/

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("fp-contract=off")
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#else
#pragma STDC FP_CONTRACT OFF
#endif

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../numbers.h"

enum { FOLLOWING, ROWS, FEATURES, LOGS, WEIGHTS, BIASES, COLUMNS };

/* following: by row and byte, the state that follows; rows: by state, where its row begins; features:
   by state, its feature, above the most if it has none; logs: by count, what it weighs; weights: by
   feature and class; biases: by class. */
typedef struct {
    Numbers columns[COLUMNS];
    const float *logs, *weights, *biases;
    Py_ssize_t classes;
    uint64_t most;
    uint32_t *counts; /* by feature, how often the text came by it */
    uint32_t *seen;   /* the features it came by */
    float *terms;     /* by feature it came by and class, what is to be added */
    size_t terms_room;
    const char *fault;
} Walk;

static int
compared(const void *one, const void *other)
{
    uint32_t left = *(const uint32_t *)one, right = *(const uint32_t *)other;
    return left < right ? -1 : left > right;
}

typedef struct {
    const unsigned char *bytes;
    Py_ssize_t size;
} Text;

/* So many texts are walked side by side: each step waits for the one before it, and for memory. */
#define ABREAST 8

/* Walk some texts over tables of such widths, side by side, and put down the feature that each comes
   by at each step, UINT32_MAX for none, with room for so many steps of each; 0 if the tables lead
   nowhere. */
static inline int
walk_over(const Walk *tables, const Text *texts, int abreast, Py_ssize_t steps, uint32_t *features,
          int following_width, int rows_width, int features_width)
{
    const Numbers *following = tables->columns + FOLLOWING, *rows = tables->columns + ROWS;
    const Numbers *of_states = tables->columns + FEATURES;
    uint64_t states[ABREAST] = {0}, row, feature;
    Py_ssize_t at, longest = 0;
    int text;
    for (text = 0; text < abreast; text++)
        if (texts[text].size > longest)
            longest = texts[text].size;
    for (at = 0; at < longest; at++)
        for (text = 0; text < abreast; text++) {
            uint64_t state = states[text];
            if (at >= texts[text].size)
                continue;
            if (state >= (uint64_t)rows->size)
                return 0;
            row = number_in(rows->bytes, rows_width, (Py_ssize_t)state);
            if (row > (uint64_t)following->size
                || (uint64_t)following->size - row <= texts[text].bytes[at])
                return 0;
            state = number_in(following->bytes, following_width,
                              (Py_ssize_t)(row + texts[text].bytes[at]));
            if (state >= (uint64_t)of_states->size)
                return 0;
            states[text] = state;
            feature = number_in(of_states->bytes, features_width, (Py_ssize_t)state);
            features[text * steps + at] =
                feature < tables->most ? (uint32_t)feature : UINT32_MAX;
        }
    return 1;
}

static int
walk(const Walk *tables, const Text *texts, int abreast, Py_ssize_t steps, uint32_t *features)
{
    const Numbers *columns = tables->columns;
    int following = columns[FOLLOWING].width, rows = columns[ROWS].width;
    int of_states = columns[FEATURES].width;
    if (following == 4 && rows == 4 && of_states == 4) /* as they are */
        return walk_over(tables, texts, abreast, steps, features, 4, 4, 4);
    return walk_over(tables, texts, abreast, steps, features, following, rows, of_states);
}

/* Count the features that a text came by; how many different ones there are. */
static Py_ssize_t
count_up(Walk *tables, const uint32_t *features, Py_ssize_t size)
{
    Py_ssize_t at, count = 0;
    for (at = 0; at < size; at++)
        if (features[at] != UINT32_MAX && tables->counts[features[at]]++ == 0)
            tables->seen[count++] = features[at];
    return count;
}

#define LANES 8
#define BLOCK 128 /* so many terms are summed up in lanes */
#define MOST_CLASSES 256

static void
add_to(float *sums, const float *terms, Py_ssize_t classes)
{
    Py_ssize_t class;
    for (class = 0; class < classes; class++)
        sums[class] += terms[class];
}

/* Sum up so many rows of terms class by class, in the order in which numpy adds up a column. */
static void
sum_up(const float *terms, Py_ssize_t count, Py_ssize_t classes, float *sums)
{
    float lanes[LANES][MOST_CLASSES];
    Py_ssize_t row, class, half;
    size_t row_bytes = (size_t)classes * sizeof *sums;
    if (count > BLOCK) {
        half = count / 2;
        half -= half % LANES;
        sum_up(terms, half, classes, sums);
        sum_up(terms + half * classes, count - half, classes, lanes[0]);
        add_to(sums, lanes[0], classes);
        return;
    }
    if (count < LANES) {
        memset(sums, 0, row_bytes);
        for (row = 0; row < count; row++)
            add_to(sums, terms + row * classes, classes);
        return;
    }
    for (row = 0; row < LANES; row++)
        memcpy(lanes[row], terms + row * classes, row_bytes);
    for (; row < count - count % LANES; row++)
        add_to(lanes[row % LANES], terms + row * classes, classes);
    for (class = 0; class < classes; class++)
        sums[class] = ((lanes[0][class] + lanes[1][class]) + (lanes[2][class] + lanes[3][class]))
            + ((lanes[4][class] + lanes[5][class]) + (lanes[6][class] + lanes[7][class]));
    for (; row < count; row++)
        add_to(sums, terms + row * classes, classes);
}

/* Score a text by the features it came by, each of which it forgets; 0 without memory or where the
   tables have nothing of it. */
static int
score(Walk *tables, Py_ssize_t count, float *scores)
{
    Py_ssize_t classes = tables->classes, at, class;
    size_t wanted = (size_t)count * (size_t)classes;
    if (wanted > tables->terms_room) {
        float *more = realloc(tables->terms, 2 * wanted * sizeof *more);
        if (!more)
            return 0;
        tables->terms = more;
        tables->terms_room = 2 * wanted;
    }
    qsort(tables->seen, (size_t)count, sizeof *tables->seen, compared);
    for (at = 0; at < count; at++) {
        uint32_t feature = tables->seen[at], times = tables->counts[feature];
        const float *weights = tables->weights + (Py_ssize_t)feature * classes;
        float *terms = tables->terms + at * classes, log;
        tables->counts[feature] = 0;
        if (times >= (uint64_t)tables->columns[LOGS].size) {
            tables->fault = "there are too few logarithms";
            return 0;
        }
        log = tables->logs[times];
        for (class = 0; class < classes; class++)
            terms[class] = log * weights[class];
    }
    if (!count) {
        memset(scores, 0, (size_t)classes * sizeof *scores);
        return 1;
    }
    sum_up(tables->terms + classes, count - 1, classes, scores);
    for (class = 0; class < classes; class++)
        scores[class] = (tables->terms[class] + scores[class]) + tables->biases[class];
    return 1;
}

/* Hold the tables; 0 with an exception if they do not fit each other. */
static int
take_tables(Walk *tables, PyObject *const *objects)
{
    Numbers *columns = tables->columns;
    int column;
    for (column = 0; column < COLUMNS; column++) {
        if (numbers_take(columns + column, objects[column]) < 0)
            return 0;
        if (column >= LOGS
            && (columns[column].width != 4 || (uintptr_t)columns[column].bytes % sizeof(float))) {
            PyErr_SetString(PyExc_ValueError, "rows of float32 are wanted");
            return 0;
        }
    }
    tables->logs = (const float *)(const void *)columns[LOGS].bytes;
    tables->weights = (const float *)(const void *)columns[WEIGHTS].bytes;
    tables->biases = (const float *)(const void *)columns[BIASES].bytes;
    tables->classes = columns[BIASES].size;
    if (tables->classes < 1 || tables->classes > MOST_CLASSES
        || columns[WEIGHTS].size % tables->classes
        || columns[WEIGHTS].size / tables->classes > INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "weights and biases do not fit each other");
        return 0;
    }
    tables->most = (uint64_t)(columns[WEIGHTS].size / tables->classes);
    tables->counts = calloc((size_t)tables->most + 1, sizeof *tables->counts);
    tables->seen = calloc((size_t)tables->most + 1, sizeof *tables->seen);
    if (!tables->counts || !tables->seen) {
        PyErr_NoMemory();
        return 0;
    }
    return 1;
}

/* Score texts; 0 without memory or where the tables do not do. */
static int
score_all(Walk *tables, const Text *texts, Py_ssize_t count, char *to)
{
    float scores[MOST_CLASSES];
    size_t row_bytes = (size_t)tables->classes * sizeof *scores;
    Py_ssize_t place, steps = 0;
    uint32_t *features;
    int text, abreast, is_done = 1;
    for (place = 0; place < count; place++)
        if (texts[place].size > steps)
            steps = texts[place].size;
    if ((size_t)steps >= SIZE_MAX / ABREAST / sizeof *features)
        return 0;
    features = malloc(((size_t)steps + 1) * ABREAST * sizeof *features);
    if (!features)
        return 0;
    for (place = 0; is_done && place < count; place += abreast) {
        abreast = (int)(count - place < ABREAST ? count - place : ABREAST);
        is_done = walk(tables, texts + place, abreast, steps, features);
        if (!is_done)
            tables->fault = "the tables lead nowhere";
        for (text = 0; is_done && text < abreast; text++) {
            Py_ssize_t found =
                count_up(tables, features + text * steps, texts[place + text].size);
            is_done = score(tables, found, scores);
            if (is_done)
                memcpy(to + (size_t)(place + text) * row_bytes, scores, row_bytes);
        }
    }
    free(features);
    return is_done;
}

static PyObject *
scores(PyObject *module, PyObject *args)
{
    Walk tables = {0};
    PyObject *all, *objects[COLUMNS], *answer = NULL;
    Text *texts = NULL;
    Py_ssize_t place, count;
    int column, is_done;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOOOOO", &all, objects, objects + 1, objects + 2, objects + 3,
                          objects + 4, objects + 5))
        return NULL;
    all = PySequence_Tuple(all);
    if (!all)
        return NULL;
    count = PyTuple_Size(all);
    texts = calloc((size_t)count + 1, sizeof *texts);
    if (!texts)
        PyErr_NoMemory();
    for (place = 0; !PyErr_Occurred() && place < count; place++) {
        char *bytes;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(all, place), &bytes, &texts[place].size) == 0)
            texts[place].bytes = (const unsigned char *)bytes;
    }
    if (!PyErr_Occurred() && take_tables(&tables, objects)) {
        if (count > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(float) / tables.classes)
            PyErr_NoMemory();
        else
            answer = PyBytes_FromStringAndSize(
                NULL, count * tables.classes * (Py_ssize_t)sizeof(float));
    }
    if (answer) {
        char *to = PyBytes_AsString(answer);
        Py_BEGIN_ALLOW_THREADS
        is_done = score_all(&tables, texts, count, to);
        Py_END_ALLOW_THREADS
        if (!is_done) {
            Py_CLEAR(answer);
            if (tables.fault)
                PyErr_SetString(PyExc_ValueError, tables.fault);
            else
                PyErr_NoMemory();
        }
    }
    free(texts);
    free(tables.counts);
    free(tables.seen);
    free(tables.terms);
    for (column = 0; column < COLUMNS; column++)
        numbers_release(tables.columns + column);
    Py_DECREF(all);
    return answer;
}

static PyMethodDef methods[] = {
    {"scores", scores, METH_VARARGS, "What a detector scores texts by class, as float32."},
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
