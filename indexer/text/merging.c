/* Occurrences -> runs -> lists; the twin of ``sorting``, and of what ``storage.runs`` and
   ``storage.packing`` do with numpy, in C.
*/

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Unsigned numbers of any width. */
typedef struct {
    Py_buffer view;
    const unsigned char *raw;
    int width;
    Py_ssize_t count;
} Numbers;

static int
take_numbers(PyObject *from, Numbers *to)
{
    if (PyObject_GetBuffer(from, &to->view, PyBUF_ND) < 0)
        return 0;
    to->width = (int)to->view.itemsize;
    if (to->view.ndim != 1
        || (to->width != 1 && to->width != 2 && to->width != 4 && to->width != 8)) {
        PyBuffer_Release(&to->view);
        to->view.obj = NULL;
        PyErr_SetString(PyExc_ValueError, "rows of numbers are wanted");
        return 0;
    }
    to->raw = to->view.buf;
    to->count = to->view.len / to->width;
    return 1;
}

static void
release(Numbers *numbers)
{
    if (numbers->view.obj)
        PyBuffer_Release(&numbers->view);
}

static uint64_t
number_at(const Numbers *numbers, Py_ssize_t place)
{
    const unsigned char *at = numbers->raw + place * numbers->width;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (numbers->width) {
    case 1:
        return *at;
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

static int
width_of(uint64_t largest)
{
    return largest <= UINT8_MAX ? 1 : largest <= UINT16_MAX ? 2 : 4;
}

static unsigned char *
put(unsigned char *to, int width, uint32_t number)
{
    uint16_t two = (uint16_t)number;
    switch (width) {
    case 1:
        *to = (unsigned char)number;
        break;
    case 2:
        memcpy(to, &two, 2);
        break;
    default:
        memcpy(to, &number, 4);
    }
    return to + width;
}

/* The numbers as narrow as they can be, and how wide that is. */
static PyObject *
narrow(const uint32_t *numbers, Py_ssize_t count)
{
    uint32_t largest = 0;
    Py_ssize_t place;
    PyObject *raw;
    unsigned char *to;
    int width;
    for (place = 0; place < count; place++)
        if (numbers[place] > largest)
            largest = numbers[place];
    width = width_of(largest);
    if (count > PY_SSIZE_T_MAX / width)
        return PyErr_NoMemory();
    raw = PyBytes_FromStringAndSize(NULL, count * width);
    if (!raw)
        return NULL;
    to = (unsigned char *)PyBytes_AsString(raw);
    for (place = 0; place < count; place++)
        to = put(to, width, numbers[place]);
    return Py_BuildValue("Ni", raw, width);
}

/* The places of a run in its making; see Run in ``sorting``. */
typedef struct {
    uint32_t *terms, *first, *ends, *docs, *frequencies, *positions, *own_docs;
    Py_ssize_t term_count, doc_count;
    uint32_t base;
} Run;

static int
sort_run(const Numbers *terms, const Numbers *docs, const Numbers *positions, Run *run)
{
    Py_ssize_t count = terms->count, place, row, last;
    uint32_t largest = 0, term, sum = 0, *ends;
    size_t rooms = (size_t)count + 1;
    for (place = 0; place < count; place++) {
        term = (uint32_t)number_at(terms, place);
        if (term > largest)
            largest = term;
    }
    ends = calloc((size_t)largest + 2, sizeof *ends);
    run->docs = malloc(rooms * sizeof *run->docs);
    run->own_docs = malloc(rooms * sizeof *run->own_docs);
    run->frequencies = malloc(rooms * sizeof *run->frequencies);
    run->positions = malloc(rooms * sizeof *run->positions);
    if (!ends || !run->docs || !run->own_docs || !run->frequencies || !run->positions) {
        free(ends);
        return 0;
    }
    for (place = 0; place < count; place++)
        ends[(uint32_t)number_at(terms, place)]++;
    for (term = 0; count && term <= largest; term++)
        run->term_count += ends[term] > 0;
    run->terms = malloc(((size_t)run->term_count + 1) * sizeof *run->terms);
    run->first = malloc(((size_t)run->term_count + 1) * sizeof *run->first);
    run->ends = malloc(((size_t)run->term_count + 1) * sizeof *run->ends);
    if (!run->terms || !run->first || !run->ends) {
        free(ends);
        return 0;
    }
    row = 0;
    for (term = 0; count && term <= largest; term++) {
        uint32_t own = ends[term];
        if (own) {
            run->terms[row] = term;
            run->ends[row++] = sum;
        }
        ends[term] = sum;
        sum += own;
    }
    run->ends[row] = sum;
    for (place = 0; place < count; place++) {
        uint32_t at = ends[(uint32_t)number_at(terms, place)]++;
        run->own_docs[at] = (uint32_t)number_at(docs, place);
        run->positions[at] = (uint32_t)number_at(positions, place);
    }
    free(ends);
    run->base = count ? UINT32_MAX : 0;
    for (row = 0; row < run->term_count; row++) {
        run->first[row] = (uint32_t)run->doc_count;
        last = -1;
        for (place = run->ends[row]; place < (Py_ssize_t)run->ends[row + 1]; place++) {
            uint32_t doc = run->own_docs[place];
            if (last < 0 || run->docs[last] != doc) {
                last = run->doc_count++;
                run->docs[last] = doc;
                run->frequencies[last] = 0;
                if (doc < run->base)
                    run->base = doc;
            }
            run->frequencies[last]++;
        }
    }
    run->first[row] = (uint32_t)run->doc_count;
    for (place = 0; place < run->doc_count; place++)
        run->docs[place] -= run->base;
    return 1;
}

static PyObject *
run_of(PyObject *module, PyObject *args)
{
    Numbers terms = {0}, docs = {0}, positions = {0};
    PyObject *objects[3], *answer = NULL;
    Run run = {0};
    int is_done;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOO", objects, objects + 1, objects + 2))
        return NULL;
    if (take_numbers(objects[0], &terms) && take_numbers(objects[1], &docs)
        && take_numbers(objects[2], &positions)) {
        if (terms.count != docs.count || docs.count != positions.count || terms.width > 4
            || docs.width > 4 || positions.width > 4 || terms.count >= INT32_MAX) {
            PyErr_SetString(PyExc_ValueError, "terms, documents and positions do not fit");
        } else {
            Py_BEGIN_ALLOW_THREADS
            is_done = sort_run(&terms, &docs, &positions, &run);
            Py_END_ALLOW_THREADS
            if (is_done)
                answer = Py_BuildValue(
                    "kNNNNNN", (unsigned long)run.base, narrow(run.terms, run.term_count),
                    narrow(run.first, run.term_count + 1), narrow(run.ends, run.term_count + 1),
                    narrow(run.docs, run.doc_count), narrow(run.frequencies, run.doc_count),
                    narrow(run.positions, terms.count));
            else
                PyErr_NoMemory();
        }
    }
    free(run.terms);
    free(run.first);
    free(run.ends);
    free(run.docs);
    free(run.own_docs);
    free(run.frequencies);
    free(run.positions);
    release(&terms);
    release(&docs);
    release(&positions);
    return answer;
}

/* What one run or part has for some terms, see ``storage.runs``. */
enum { PLACES, OWN, FIRST, ENDS, DOCS, FREQUENCIES, POSITIONS, COLUMNS };

typedef struct {
    Numbers columns[COLUMNS];
    uint64_t base;
} Piece;

/* By term: how many documents and positions, and the largest of what is written. */
typedef struct {
    uint64_t docs, positions, gap, frequency, position, last;
} Sums;

/* A term of a piece. */
typedef struct {
    uint32_t piece;
    Py_ssize_t own;
} Source;

typedef struct {
    Piece *pieces;
    Py_ssize_t piece_count, count;
    Source *sources;   /* of each term, one behind the other */
    Py_ssize_t *starts; /* by term, and one more */
    int32_t *sizes;
    const char *fault;
} Merge;

static int
bounds_of(const Piece *piece, Py_ssize_t own, Py_ssize_t bounds[4])
{
    uint64_t numbers[4];
    int one;
    numbers[0] = number_at(piece->columns + FIRST, own);
    numbers[1] = number_at(piece->columns + FIRST, own + 1);
    numbers[2] = number_at(piece->columns + ENDS, own);
    numbers[3] = number_at(piece->columns + ENDS, own + 1);
    if (numbers[0] > numbers[1] || numbers[2] > numbers[3]
        || numbers[1] > (uint64_t)piece->columns[DOCS].count
        || numbers[3] > (uint64_t)piece->columns[POSITIONS].count)
        return 0;
    for (one = 0; one < 4; one++)
        bounds[one] = (Py_ssize_t)numbers[one];
    return 1;
}

/* Find the sources of each term. */
static int
find_sources(Merge *merge)
{
    Py_ssize_t number, row, place, total = 0;
    for (number = 0; number < merge->piece_count; number++) {
        const Numbers *places = merge->pieces[number].columns + PLACES;
        for (row = 0; row < places->count; row++) {
            uint64_t term = number_at(places, row);
            uint64_t own = number_at(merge->pieces[number].columns + OWN, row);
            if (term >= (uint64_t)merge->count
                || own + 1 >= (uint64_t)merge->pieces[number].columns[FIRST].count) {
                merge->fault = "there is no such term";
                return 0;
            }
            merge->starts[term + 1]++;
            total++;
        }
    }
    for (place = 0; place < merge->count; place++)
        merge->starts[place + 1] += merge->starts[place];
    merge->sources = malloc(((size_t)total + 1) * sizeof *merge->sources);
    if (!merge->sources)
        return 0;
    for (number = 0; number < merge->piece_count; number++) {
        const Numbers *places = merge->pieces[number].columns + PLACES;
        for (row = 0; row < places->count; row++) {
            Source *source = merge->sources + merge->starts[number_at(places, row)]++;
            source->piece = (uint32_t)number;
            source->own = (Py_ssize_t)number_at(merge->pieces[number].columns + OWN, row);
        }
    }
    for (place = merge->count; place > 0; place--)
        merge->starts[place] = merge->starts[place - 1];
    merge->starts[0] = 0;
    return 1;
}

static int
add_up(Merge *merge, const Source *source, Sums *sums)
{
    const Piece *piece = merge->pieces + source->piece;
    Py_ssize_t bounds[4], place;
    uint64_t number;
    if (!bounds_of(piece, source->own, bounds)) {
        merge->fault = "postings lie beyond their end";
        return 0;
    }
    for (place = bounds[0]; place < bounds[1]; place++) {
        number = number_at(piece->columns + DOCS, place) + piece->base;
        if (number < sums->last || number > UINT32_MAX) {
            merge->fault = "documents do not rise";
            return 0;
        }
        if (number - sums->last > sums->gap)
            sums->gap = number - sums->last;
        sums->last = number;
        number = number_at(piece->columns + FREQUENCIES, place);
        if (number > sums->frequency)
            sums->frequency = number;
    }
    for (place = bounds[2]; place < bounds[3]; place++) {
        number = number_at(piece->columns + POSITIONS, place);
        if (number > sums->position)
            sums->position = number;
    }
    sums->docs += (uint64_t)(bounds[1] - bounds[0]);
    sums->positions += (uint64_t)(bounds[3] - bounds[2]);
    if (sums->frequency > UINT32_MAX || sums->position > UINT32_MAX || sums->docs > UINT32_MAX) {
        merge->fault = "a number does not fit in 32 bits";
        return 0;
    }
    return 1;
}

typedef struct {
    int count, gap, frequency, position; /* in bytes; 0: not written */
} Widths;

static Widths
widths_of(const Sums *sums)
{
    Widths widths;
    widths.count = width_of(sums->docs);
    widths.gap = width_of(sums->gap);
    widths.frequency = sums->frequency > 1 ? width_of(sums->frequency) : 0;
    widths.position = sums->position > 0 ? width_of(sums->position) : 0;
    return widths;
}

static int
code_of(int width)
{
    return width == 4 ? 2 : width - 1;
}

/* Find out the widths and the size of each list, and how large they are together. */
static int
measure(Merge *merge, Widths *widths, uint32_t *counts, uint64_t *total)
{
    Py_ssize_t term, place;
    for (term = 0; term < merge->count; term++) {
        Sums sums = {0};
        uint64_t size = 0;
        for (place = merge->starts[term]; place < merge->starts[term + 1]; place++)
            if (!add_up(merge, merge->sources + place, &sums))
                return 0;
        if (sums.docs) {
            Widths own = widths[term] = widths_of(&sums);
            size = 1 + (uint64_t)own.count
                + sums.docs * ((uint64_t)own.gap + (uint64_t)own.frequency)
                + sums.positions * (uint64_t)own.position;
            if (size > INT32_MAX) {
                merge->fault = "a list is larger than 2 GB";
                return 0;
            }
        }
        counts[term] = (uint32_t)sums.docs;
        merge->sizes[term] = (int32_t)size;
        *total += size;
    }
    return 1;
}

static unsigned char *
write_list(const Merge *merge, Py_ssize_t term, Widths widths, uint32_t count, unsigned char *to)
{
    const Source *from = merge->sources + merge->starts[term];
    const Source *end = merge->sources + merge->starts[term + 1], *source;
    Py_ssize_t bounds[4], place;
    uint64_t last = 0, doc;
    *to++ = (unsigned char)(code_of(widths.count) | code_of(widths.gap) << 2
                            | (widths.frequency ? code_of(widths.frequency) + 1 : 0) << 4
                            | (widths.position ? code_of(widths.position) + 1 : 0) << 6);
    to = put(to, widths.count, count);
    for (source = from; source < end; source++) {
        const Piece *piece = merge->pieces + source->piece;
        bounds_of(piece, source->own, bounds);
        for (place = bounds[0]; place < bounds[1]; place++) {
            doc = number_at(piece->columns + DOCS, place) + piece->base;
            to = put(to, widths.gap, (uint32_t)(doc - last));
            last = doc;
        }
    }
    for (source = from; widths.frequency && source < end; source++) {
        const Piece *piece = merge->pieces + source->piece;
        bounds_of(piece, source->own, bounds);
        for (place = bounds[0]; place < bounds[1]; place++)
            to = put(to, widths.frequency,
                     (uint32_t)number_at(piece->columns + FREQUENCIES, place));
    }
    for (source = from; widths.position && source < end; source++) {
        const Piece *piece = merge->pieces + source->piece;
        bounds_of(piece, source->own, bounds);
        for (place = bounds[2]; place < bounds[3]; place++)
            to = put(to, widths.position, (uint32_t)number_at(piece->columns + POSITIONS, place));
    }
    return to;
}

static PyObject *
merge_all(Merge *merge)
{
    PyObject *lists = NULL, *sizes = NULL;
    Widths *widths = calloc((size_t)merge->count + 1, sizeof *widths);
    uint32_t *counts = calloc((size_t)merge->count + 1, sizeof *counts);
    uint64_t total = 0;
    int is_done = 0;
    merge->starts = calloc((size_t)merge->count + 2, sizeof *merge->starts);
    sizes = PyBytes_FromStringAndSize(NULL, merge->count * 4);
    if (!widths || !counts || !merge->starts)
        PyErr_NoMemory();
    if (!PyErr_Occurred()) {
        merge->sizes = (int32_t *)(void *)PyBytes_AsString(sizes);
        Py_BEGIN_ALLOW_THREADS
        is_done = find_sources(merge) && measure(merge, widths, counts, &total);
        Py_END_ALLOW_THREADS
        if (merge->fault)
            PyErr_SetString(PyExc_ValueError, merge->fault);
        else if (!is_done || total > PY_SSIZE_T_MAX)
            PyErr_NoMemory();
        else
            lists = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)total);
    }
    if (lists) {
        unsigned char *to = (unsigned char *)PyBytes_AsString(lists);
        Py_BEGIN_ALLOW_THREADS
        Py_ssize_t term;
        for (term = 0; term < merge->count; term++)
            if (merge->sizes[term])
                to = write_list(merge, term, widths[term], counts[term], to);
        Py_END_ALLOW_THREADS
    }
    free(widths);
    free(counts);
    free(merge->starts);
    free(merge->sources);
    if (!lists) {
        Py_XDECREF(sizes);
        return NULL;
    }
    return Py_BuildValue("NN", lists, sizes);
}

/* Take a piece, a tuple of its columns and its base. */
static int
take_piece(PyObject *from, Piece *piece)
{
    PyObject *objects[COLUMNS];
    unsigned long long base;
    int column;
    if (!PyArg_ParseTuple(from, "OOOOOOOK", objects, objects + 1, objects + 2, objects + 3,
                          objects + 4, objects + 5, objects + 6, &base))
        return 0;
    if (base > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "documents do not fit in 32 bits");
        return 0;
    }
    piece->base = base;
    for (column = 0; column < COLUMNS; column++)
        if (!take_numbers(objects[column], piece->columns + column))
            return 0;
    if (piece->columns[PLACES].count != piece->columns[OWN].count
        || piece->columns[FIRST].count != piece->columns[ENDS].count
        || piece->columns[DOCS].count != piece->columns[FREQUENCIES].count) {
        PyErr_SetString(PyExc_ValueError, "the columns of a piece do not fit each other");
        return 0;
    }
    return 1;
}

static PyObject *
lists_of(PyObject *module, PyObject *args)
{
    PyObject *pieces, *answer = NULL;
    Py_ssize_t place;
    int column;
    Merge merge = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "nO", &merge.count, &pieces))
        return NULL;
    if (merge.count < 0 || merge.count > INT32_MAX / 4) {
        PyErr_SetString(PyExc_ValueError, "too many terms at once");
        return NULL;
    }
    pieces = PySequence_Tuple(pieces);
    if (!pieces)
        return NULL;
    merge.piece_count = PyTuple_Size(pieces);
    merge.pieces = calloc((size_t)merge.piece_count + 1, sizeof *merge.pieces);
    if (!merge.pieces)
        PyErr_NoMemory();
    for (place = 0; !PyErr_Occurred() && place < merge.piece_count; place++) {
        PyObject *piece = PyTuple_GetItem(pieces, place);
        if (PyTuple_Check(piece))
            (void)take_piece(piece, merge.pieces + place);
        else
            PyErr_SetString(PyExc_TypeError, "a piece is a tuple");
    }
    if (!PyErr_Occurred())
        answer = merge_all(&merge);
    for (place = 0; merge.pieces && place < merge.piece_count; place++)
        for (column = 0; column < COLUMNS; column++)
            release(merge.pieces[place].columns + column);
    free(merge.pieces);
    Py_DECREF(pieces);
    return answer;
}

/* A name that is sorted, by its first eight bytes and then by all of them. */
typedef struct {
    uint64_t key;
    const unsigned char *bytes;
    size_t size;
    Py_ssize_t place;
} Name;

static int
compared(const void *one, const void *other)
{
    const Name *left = one, *right = other;
    size_t least;
    int order;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    least = left->size < right->size ? left->size : right->size;
    order = memcmp(left->bytes, right->bytes, least);
    return order ? order : left->size < right->size ? -1 : left->size > right->size;
}

static PyObject *
sorted_order(PyObject *module, PyObject *argument)
{
    PyObject *all = PySequence_Tuple(argument), *order = NULL;
    Py_ssize_t place, count;
    Name *names;
    (void)module;
    if (!all)
        return NULL;
    count = PyTuple_Size(all);
    names = calloc((size_t)count + 1, sizeof *names);
    if (!names)
        PyErr_NoMemory();
    for (place = 0; !PyErr_Occurred() && place < count; place++) {
        char *bytes;
        Py_ssize_t size, at;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(all, place), &bytes, &size) < 0)
            break;
        names[place].bytes = (unsigned char *)bytes;
        names[place].size = (size_t)size;
        names[place].place = place;
        for (at = 0; at < 8; at++)
            names[place].key = names[place].key << 8 | (at < size ? (unsigned char)bytes[at] : 0u);
    }
    if (!PyErr_Occurred()) {
        Py_BEGIN_ALLOW_THREADS
        qsort(names, (size_t)count, sizeof *names, compared);
        Py_END_ALLOW_THREADS
        order = count > PY_SSIZE_T_MAX / 8 ? PyErr_NoMemory()
                                            : PyBytes_FromStringAndSize(NULL, count * 8);
    }
    if (order) {
        char *to = PyBytes_AsString(order);
        for (place = 0; place < count; place++) {
            int64_t own = (int64_t)names[place].place;
            memcpy(to + 8 * place, &own, 8);
        }
    }
    free(names);
    Py_DECREF(all);
    return order;
}

static PyMethodDef methods[] = {
    {"run_of", run_of, METH_VARARGS, "The postings that occurrences of terms make."},
    {"lists_of", lists_of, METH_VARARGS, "The lists of terms that several pieces have."},
    {"sorted_order", sorted_order, METH_O, "The places of names in their order, as int64."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "indexer.text.merging", "Runs and lists of postings.", 0, methods,
    slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit_merging(void)
{
    return PyModuleDef_Init(&definition);
}
